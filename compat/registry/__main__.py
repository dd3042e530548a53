"""Build real projects of the default index from source: ``python -m compat.registry``.

    python -m compat.registry --folder FOLDER [NAME …]

pip and pipfast install each release with ``--no-binary`` into twin environments: with an empty
cache, with the same tool's cache, and with the other tool's cache. Then they try projects that
each backend fails to build. The comparison covers exit code, output, files, ``pip inspect`` and
``freeze``. Prints tables, and differences on standard error; exits with 1 if there are any.
Needs the default index (or PIP_INDEX_URL).
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
    """Print problems on standard error; return whether there are any."""
    if lines:
        print(f"\n{name}", *lines, sep="\n", file=sys.stderr, flush=True)
    return bool(lines)


def installs(bench: Bench, chosen: Sequence[Release]) -> int:
    """Install the releases; return how many differ or fail with pip."""
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
    """Build the failing projects; return how many fail differently than with pip."""
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
    """Compare the projects selected by name or backend, by default all; return 1 if any differs."""
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
