"""Choose the Python to install for. `--version` imports this module, so it imports little."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from pipfast.errors import CommandError


def find(python: str | None, environ: Mapping[str, str]) -> str:
    """Return the path of the Python to install for.

    That is `python` (an interpreter, a virtual environment's folder, or a name on PATH), else that
    of the active environment (``VIRTUAL_ENV``, then ``CONDA_PREFIX``), else the one that runs
    pipfast. Raises CommandError, with pip's message, if `python` does not exist.
    """
    if python:
        found = _named(python, environ)
        if found is None:
            raise CommandError(f"Could not locate Python interpreter {python}")
        return found
    for active in filter(None, map(environ.get, ("VIRTUAL_ENV", "CONDA_PREFIX"))):
        if os.path.realpath(active) == os.path.realpath(sys.prefix):
            break
        found = _in_folder(active) or _of_conda(active)
        if found:
            return found
    return sys.executable


def _named(python: str, environ: Mapping[str, str]) -> str | None:
    if os.path.isdir(python):
        return _in_folder(python)
    if os.path.exists(python):
        return os.path.abspath(python)
    if os.path.basename(python) != python:
        return None
    import shutil

    return shutil.which(python, path=environ.get("PATH"))


def _of_conda(folder: str) -> str | None:
    """Return the Python of a conda environment on Windows."""
    python = os.path.abspath(os.path.join(folder, "python.exe"))
    return python if os.path.exists(python) else None


def _in_folder(folder: str) -> str | None:
    for relative in ("bin/python", "Scripts/python.exe"):
        python = os.path.abspath(os.path.join(folder, relative))
        if os.path.exists(python):
            return python
    return None
