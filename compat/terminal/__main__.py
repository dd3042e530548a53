"""Record a cold install as a cast for asciinema, or as a moving picture if FILE ends with .svg.

python -m compat.terminal FILE [--width COLUMNS]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from compat.terminal.picture import picture
from compat.terminal.stage import slow_projects, stage

SHOWN = "pipfast install large"
"""What a person would type, in place of the command with its paths."""

TITLE = "A cold install: pipfast resolves, downloads, builds, unpacks and installs"


def main() -> int:
    """Record, and print how long it took and the longest silence."""
    parser = argparse.ArgumentParser(prog="python -m compat.terminal", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--width", type=int, default=80)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder), slow_projects()) as place:
        cast = place.recorded(options.width)
    if options.file.suffix == ".svg":
        events = tuple((at, text.replace(folder, "~")) for at, text in cast.events)
        shown = replace(cast, command=SHOWN, events=events)
        options.file.write_text(picture(shown, TITLE), encoding="utf-8")
    else:
        cast.write(options.file)
    sys.stdout.write(
        f"{cast.seconds:.1f} s, exit code {cast.code}, longest silence after the first sign "
        f"{cast.longest_silence():.2f} s, {len(cast.drawings())} drawings\n"
    )
    return cast.code


if __name__ == "__main__":
    sys.exit(main())
