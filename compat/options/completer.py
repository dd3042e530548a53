"""Print the completions of pip and pipfast as JSON; run with an interpreter that has both."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO

from pip._internal.cli.autocompletion import autocomplete

from pipfast.main import main


def run_pip() -> object:
    autocomplete()
    return "not asked"


def run_pipfast() -> object:
    return main([], "pip")


def answer(run: Callable[[], object]) -> tuple[object, str]:
    """Return exit code and output; an exception gives Python's own code."""
    with redirect_stdout(StringIO()) as output:
        try:
            code = run()
        except SystemExit as end:
            code = end.code
        except Exception:  # noqa: BLE001 - Python ends with 1 and a traceback
            code = 1
    return code, output.getvalue()


def main_() -> int:
    os.environ["PIP_AUTO_COMPLETE"] = "1"
    results = []
    for words, position in json.load(sys.stdin):
        os.environ.update(COMP_WORDS=words, COMP_CWORD=position)
        results.append([answer(run_pip), answer(run_pipfast)])
    json.dump(results, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main_())
