"""The tools beside pip, each at work with pip and with pipfast: ``python -m compat.works_with``.

    python -m compat.works_with --folder FOLDER [TOOL …]

Each tool is installed from the default index (or PIP_INDEX_URL) in the version that its trials
name, and run on a small project twice, at the same path: where pip 26.3 is pip, and where pipfast
stands under that name. Compared are exit code, output, the environments that are left, and which
of the tool's calls reach pipfast at all. Prints a table, and on standard error what differs; the
exit code is 1 if anything does. docs/works-with.md tells what follows from it.
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
from compat.works_with.stage import Compared, Stage
from compat.works_with.trial import Trial

TRIALS = (*CHECKERS, *MAKERS, *PLAYBOOKS, *SCRIPTS, *IMAGES)
SHOWN = 40
"""The lines of differences that are printed of a trial."""

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


def main(folder: Path, tools: Sequence[str]) -> int:
    """Run the trials of the named tools, else all; 1 if anything is not as it should be."""
    stage = Stage(folder)
    faults = 0
    print(HEAD, flush=True)
    for trial in TRIALS:
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
    options = parser.parse_args()
    sys.exit(main(options.folder.absolute(), options.tools))
