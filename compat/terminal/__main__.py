"""Record cold installs on a pseudo-terminal, and check what a person sees.

python -m compat.terminal --check [--index-url URL REQUIREMENT...]
python -m compat.terminal --save FILE [--width COLUMNS] [--index-url URL REQUIREMENT...]

Without requirements, it is an install with a build over a slow index on loopback. ``--check``
records it at 60, 80 and 120 columns and exits with 1 if a second passes without a change on the
screen or if a line of pipfast's own wraps. ``--save`` writes a cast for asciinema, or a moving
picture if FILE ends with .svg.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from compat.terminal.cast import Cast
from compat.terminal.picture import picture
from compat.terminal.replay import own_lines, replay
from compat.terminal.stage import Stage, real_stage, slow_projects, stage
from pipfast.policy.network import DEFAULT_INDEX

SHOWN = "pipfast install large"
"""What a person would type, in place of the command with its paths."""

TITLE = "A cold install: pipfast resolves, downloads, builds, unpacks and installs"
WIDTHS = (60, 80, 120)


def main(arguments: Sequence[str]) -> int:
    """Record once or at each width."""
    parser = argparse.ArgumentParser(prog="python -m compat.terminal", description=__doc__)
    purpose = parser.add_mutually_exclusive_group(required=True)
    purpose.add_argument("--check", action="store_true")
    purpose.add_argument("--save", type=Path, metavar="FILE")
    parser.add_argument("--width", type=int, default=80)
    parser.add_argument("--index-url", default=DEFAULT_INDEX)
    parser.add_argument("requirements", nargs="*")
    options = parser.parse_args(arguments)
    words = ("install", *options.requirements) if options.requirements else ()
    with tempfile.TemporaryDirectory() as folder:
        chosen: AbstractContextManager[Stage] = (
            real_stage(Path(folder), options.index_url)
            if words
            else stage(Path(folder), slow_projects())
        )
        with chosen as place:
            if options.check:
                return max([_checked(place.recorded(width, *words)) for width in WIDTHS])
            cast = place.recorded(options.width, *words)
    _save(cast, options.save, folder, " ".join(("pipfast", *words)) if words else SHOWN)
    return cast.code


def _checked(cast: Cast) -> int:
    """Print what the recording shows, and return 1 if a person would miss something."""
    seen = replay(cast)
    own = own_lines(seen.wrapped)
    print(
        f"{cast.width} columns: exit code {cast.code}, {cast.seconds:.1f} s, first sign after "
        f"{seen.first_sign():.2f} s, longest time without a change "
        f"{seen.longest_standstill():.2f} s, {len(seen.changes)} changes; "
        f"lines that wrap: {len(own)} of pipfast's own, {len(seen.wrapped) - len(own)} of pip's",
        flush=True,
    )
    for line in own:
        print(f"  {line}")
    return int(bool(cast.code or own) or max(seen.first_sign(), seen.longest_standstill()) >= 1)


def _save(cast: Cast, file: Path, folder: str, command: str) -> None:
    if file.suffix != ".svg":
        cast.write(file)
        return
    events = tuple((at, text.replace(folder, "~")) for at, text in cast.events)
    file.write_text(picture(replace(cast, command=command, events=events), TITLE), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
