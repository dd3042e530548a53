"""Run tools that call pip, with pip and with pipfast: ``python -m compat.works_with``.

    python -m compat.works_with --folder FOLDER [--shims] [TOOL …]

Each tool is installed from the default index (or PIP_INDEX_URL) in the version that its trials
name. It runs on a small project twice at the same path: with pip 26.3 as pip, and with pipfast
under that name. The comparison covers exit code, output, environments, and the calls that reach
pipfast. Prints a table, and differences on standard error; exits with 1 if there are any.
docs/works-with.md describes the results.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from compat.works_with.checkers import CHECKERS
from compat.works_with.images import IMAGES
from compat.works_with.makers import MAKERS
from compat.works_with.playbooks import PLAYBOOKS
from compat.works_with.scripts import SCRIPTS
from compat.works_with.shims import SHIMS
from compat.works_with.stage import Compared, Stage
from compat.works_with.trial import Trial

TRIALS = (*SHIMS, *CHECKERS, *MAKERS, *PLAYBOOKS, *SCRIPTS, *IMAGES)
SHOWN = 40
"""The maximum number of differing lines to print for a trial."""

HEAD = "| tool | tried | calls | pip | pipfast | result |\n| --- | --- | --: | --: | --: | --- |"


def _row(trial: Trial, compared: Compared) -> str:
    cells = [
        f"{trial.tool} {trial.version}".strip(),
        trial.what,
        str(len(compared.pipfast.calls)),
        f"{compared.pip.seconds:.1f} s",
        f"{compared.pipfast.seconds:.1f} s",
        f"{len(compared.faults)} differences" if compared.faults else "the same",
    ]
    return f"| {' | '.join(cells)} |"


def _tell(trial: Trial, faults: Sequence[str]) -> None:
    print(f"\n{trial.tool}: {trial.what}", *faults[:SHOWN], sep="\n", file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"… and {len(faults) - SHOWN} more lines", file=sys.stderr)


def main(folder: Path, tools: Sequence[str], *, shims: bool = False) -> int:
    """Run the trials of the named tools, by default all; return 1 if any differs.

    With `shims` only those in which ``python -m pip`` is pipfast.
    """
    stage = Stage(folder)
    faults = 0
    print(HEAD, flush=True)
    for trial in SHIMS if shims else TRIALS:
        if tools and trial.tool not in tools:
            continue
        compared = stage.compare(trial)
        print(_row(trial, compared), flush=True)
        if compared.faults:
            faults += 1
            _tell(trial, compared.faults)
    return min(faults, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("tools", nargs="*", help="these alone")
    parser.add_argument("--shims", action="store_true", help="only shims and seeds")
    options = parser.parse_args()
    sys.exit(main(options.folder.absolute(), options.tools, shims=options.shims))
