"""Real projects from the default index, built from source: ``python -m compat.registry``.

    python -m compat.registry --folder FOLDER [NAME …]

Each release is installed with ``--no-binary`` by pip and by pipfast into twin environments: with an
empty cache, again with the wheel that this has left, and with the cache that the other one has
left. Compared are exit code, output, files, ``pip inspect`` and ``freeze``. Prints a table, and on
standard error what differs; the exit code is 1 if anything does. Needs the default index (or
PIP_INDEX_URL).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

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


def main(folder: Path, chosen: Sequence[Release], other: str) -> int:
    """Compare the releases one after the other; 1 if anything differs or pip fails."""
    bench = Bench(folder, other)
    faults = 0
    print(HEAD, RULE, sep="\n", flush=True)
    for release in chosen:
        if lacking := [name for name in release.programs if shutil.which(name) is None]:
            print(f"| {release.pin} | {release.kind} | no {', '.join(lacking)} here |", flush=True)
            continue
        compared = bench.compare(release)
        print(_row(release, compared), flush=True)
        first = compared.runs["pip cold"]
        lines = [*(first.errors if first.code else ()), *compared.differences]
        if lines:
            faults += 1
            print(f"\n{release.pin}", *lines, sep="\n", file=sys.stderr, flush=True)
    return min(faults, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tool", default="pipfast", help="pip: is everything the same twice?")
    parser.add_argument("names", nargs="*", help="these alone")
    options = parser.parse_args()
    releases = [one for one in RELEASES if not options.names or one.name in options.names]
    sys.exit(main(options.folder.absolute(), releases, options.tool))
