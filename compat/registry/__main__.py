"""Real projects from the default index, built from source: ``python -m compat.registry``.

    python -m compat.registry --folder FOLDER [NAME …]

Each release is installed with ``--no-binary`` by pip and by pipfast into twin environments: with an
empty cache, again with the wheel that this has left, and with the cache that the other one has
left. Then projects are tried that each backend fails to build. Compared are exit code, output,
files, ``pip inspect`` and ``freeze``. Prints tables, and on standard error what differs; the exit
code is 1 if anything does. Needs the default index (or PIP_INDEX_URL).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from compat.registry.broken import BROKEN, Broken
from compat.registry.projects import RELEASES, Release
from compat.registry.trial import Bench, Compared

HEAD = "| release | built by | files | cold: pip | pipfast | warm: pip | pipfast | result |"
RULE = "| --- | --- | --: | --: | --: | --: | --: | --- |"


def _row(release: Release, compared: Compared) -> str:
    runs = compared.runs
    kinds = [entry.kind for path, entry in runs["pip cold"].tree.items() if path[:4] == "env/"]
    seconds = (f"{runs[name].seconds:.1f} s"
               for name in ("pip cold", "other cold", "pip warm", "other warm"))  # fmt: skip
    result = f"{len(compared.differences)} differences" if compared.differences else "the same"
    if runs["pip cold"].code:
        result += ", pip fails"
    cells = [release.pin, release.kind, str(len(kinds) - kinds.count("folder")), *seconds, result]
    return f"| {' | '.join(cells)} |"


def _tell(name: str, lines: Sequence[str]) -> bool:
    """Say what is wrong on standard error; whether anything is."""
    if lines:
        print(f"\n{name}", *lines, sep="\n", file=sys.stderr, flush=True)
    return bool(lines)


def installs(bench: Bench, chosen: Sequence[Release]) -> int:
    """Install the releases one after the other; how many differ, or fail with pip."""
    faults = 0
    print(HEAD, RULE, sep="\n", flush=True)
    for release in chosen:
        if lacking := [name for name in release.programs if shutil.which(name) is None]:
            print(f"| {release.pin} | {release.kind} | no {', '.join(lacking)} here |", flush=True)
            continue
        compared = bench.compare(release)
        print(_row(release, compared), flush=True)
        first = compared.runs["pip cold"]
        faults += _tell(release.pin, [*(first.errors if first.code else ()), *compared.differences])
    return faults


def refusals(bench: Bench, chosen: Sequence[Broken]) -> int:
    """Fail to build the projects one after the other; how many fail otherwise than with pip."""
    faults = 0
    print("\n| broken project | exit code | result |\n| --- | --: | --- |", flush=True)
    for broken in chosen:
        compared = bench.refusal(broken)
        code, lines = compared.runs["pip"].code, list(compared.differences)
        if code != broken.code:
            lines.insert(0, f"pip ends with {code}, not with {broken.code}")
        print(f"| {broken.rule} | {code} | {len(lines) or 'no'} differences |", flush=True)
        faults += _tell(broken.rule, lines)
    return faults


def main(folder: Path, names: Sequence[str], other: str) -> int:
    """Compare what was chosen by name or backend, else all; 1 if anything differs."""
    bench = Bench(folder, other)
    good = [one for one in RELEASES if not names or one.name in names]
    bad = [one for one in BROKEN if not names or f"broken:{one.backend}" in names]
    return min(installs(bench, good) + refusals(bench, bad), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tool", default="pipfast", help="pip: is everything the same twice?")
    parser.add_argument("names", nargs="*", help="these alone; broken:BACKEND for broken projects")
    options = parser.parse_args()
    sys.exit(main(options.folder.absolute(), options.names, options.tool))
