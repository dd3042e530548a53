"""Run pip's functional tests with pipfast as ``python -m pip`` of each of their environments.

This file has two uses. Copied as ``conftest.py`` into the root of a checkout of pip, it puts a
shim of the `pipfast` on PATH into the environment that each test copies. As the command under test,

    python shims.py SUITE_PYTHON TWIN_PYTHON --python PYTHON ARGUMENT...

it runs ``PYTHON -m pip ARGUMENT...``. The interpreter that runs the tests keeps its own pip, which
tests import; in its place TWIN_PYTHON is used, an interpreter with a shim.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def _shimmed(environment: Any) -> None:
    """Replace the pip of an environment, which is an editable one, by a shim."""
    for each in Path(environment.site).glob("*pip*"):
        if each.name.endswith((".dist-info", ".pth")) and "testsuite" not in each.name:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    pipfast = shutil.which("pipfast")
    assert pipfast is not None, "pipfast is not on PATH"
    subprocess.run([pipfast, "shim", str(environment.bin / "python")], check=True)
    for each in Path(environment.bin).glob("pip*"):
        each.unlink()  # tests expect no launchers


def pytest_configure() -> None:
    """Put the shim into the template when it has its place."""
    kind = import_module("tests.lib.venv").VirtualEnvironment
    move = kind.move

    def moved(environment: Any, location: Any) -> None:
        move(environment, location)
        _shimmed(environment)

    kind.move = moved


def main(words: list[str]) -> None:
    """Run the command under test in place of this process."""
    suite, twin, _, python, *arguments = words
    program = twin if python == suite else python
    os.execv(program, [program, "-m", "pip", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
