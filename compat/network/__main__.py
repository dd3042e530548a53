"""Compare network access with pip: all combinations, prompts and commands.

    python -m compat.network [--passed FILE] [arguments of pytest]
    python -m compat.network repeat [--times 20] [--passed FILE] [arguments of pytest]
    python -m compat.network redactions [--only WORD]

The first takes about an hour. CI runs a part: combinations that cover each pair of values, two runs
of each prompt, and a third of the commands for each secret. Real servers (nginx) and proxies
(squid, tinyproxy, microsocks) are used if they are installed; pypiserver and devpi are installed
from the user's index.

`repeat` runs pipfast many times on the combinations of CI; each run has to give the same exit code,
lines and requests, and to end as with pip. `redactions` removes each place that hides a secret, one
after the other, and checks that CI's test of secrets fails.

With `--passed` a run that was cut continues: FILE lists the tests that have passed. With `--forks`
combinations run in forks of processes that have imported the programs, in a third of the time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from compat.network import redactions
from compat.network.resume import Resume

HERE = Path(__file__).parent


def run(what: str, asked: argparse.Namespace, rest: Sequence[str]) -> int:
    """Run pytest; return its exit code."""
    part = HERE
    if what == "repeat":
        os.environ["NETWORK_TIMES"] = str(asked.times)
        part = HERE / "test_matrix.py"
    else:
        os.environ["NETWORK_WHOLE"] = "1"
    parts = [] if any(Path(word.partition("::")[0]).exists() for word in rest) else [str(part)]
    words = ["-q", "-n", "2", *parts, *rest]
    if asked.forks:
        os.environ["NETWORK_FORKS"] = "1"
    if asked.passed is None:
        return pytest.main(words)
    resume = Resume(asked.passed)
    with tempfile.TemporaryDirectory() as folder:
        return pytest.main([*words, *resume.arguments(Path(folder))], plugins=[resume])


def main(words: Sequence[str]) -> int:
    """Run what the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="compat.network", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--times", type=int, default=20, help="how often a combination is run")
    parser.add_argument("--passed", type=Path, help="a file with the tests that have passed")
    parser.add_argument("--forks", action="store_true", help="run combinations in forks")
    parser.add_argument("--only", default="", help="a word in the names of redactions")
    what = words[0] if words and words[0] in ("repeat", "redactions") else ""
    asked, rest = parser.parse_known_args(words[1:] if what else words)
    return redactions.run(asked.only) if what == "redactions" else run(what, asked, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
