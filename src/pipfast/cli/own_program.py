"""Command lines that run this pipfast, and the pip that it carries, as further programs."""

from __future__ import annotations

import os
import site
import sys
from importlib.machinery import PathFinder

import pipfast
from pipfast.report.shim_program import START

archive: str | None = None
"""The path of `pipfast.pyz` if pipfast was started by that; the archive sets it."""


def own_folder() -> str:
    """Return the folder that contains the package ``pipfast``."""
    return os.path.dirname(pipfast.__path__[0])  # noqa: PTH120 - start-up


def own_command() -> list[str]:
    """Return a command that runs this pipfast, wherever it was started from."""
    if archive is not None:
        return [sys.executable, archive]
    return [sys.executable, "-c", START, "pipfast", own_folder()]


def pip_command() -> list[str]:
    """Return a command that runs pipfast's pip.

    ``-m pip`` if the interpreter finds that by itself. In a folder that was only copied or
    unpacked, it is the script with which pip runs itself for another interpreter.
    """
    spec = PathFinder.find_spec("pip")
    package = os.path.dirname(spec.origin) if spec and spec.origin else ""  # noqa: PTH120
    runner = os.path.join(package, "__pip-runner__.py")  # noqa: PTH118
    if os.path.dirname(package) in _own_path() or not os.path.exists(runner):  # noqa: PTH110, PTH120
        return [sys.executable, "-m", "pip"]
    return [sys.executable, runner]


def _own_path() -> list[str]:
    """Return the folders in which the interpreter looks for distributions by itself."""
    variable = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [*site.getsitepackages(), site.getusersitepackages(), *variable]
