"""The Python to work for because of how the program was called and where it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipfast.config.directories import active_prefix
from pipfast.config.program_name import is_pip_name

_join = os.path.join


def interpreter_beside(program: str, environ: Mapping[str, str]) -> str | None:
    """Return the Python next to `program` (``sys.argv[0]``), None if there is no rule for it.

    The rule is that of pip's own script: the program has one of pip's names, for example as a
    link, and is in a Python's folder. In a virtual environment this selects that environment,
    whichever is active. Elsewhere (``/usr/local/bin/pip``) an active environment has precedence,
    as for any other program name.
    """
    if not is_pip_name(os.path.basename(program)):  # noqa: PTH119 - pathlib costs start-up time
        return None
    folder = os.path.dirname(os.path.abspath(program))  # noqa: PTH100, PTH120
    if os.path.exists(_join(os.path.dirname(folder), "pyvenv.cfg")):  # noqa: PTH110, PTH120
        names = ["python", "python.exe"]
    elif active_prefix(environ) is None:
        names = ["python3", "python"]
    else:
        return None
    if folder == os.path.dirname(sys.executable):  # noqa: PTH120
        return sys.executable
    return _first(folder, names)


def python_on_path(program: str, environ: Mapping[str, str]) -> str | None:
    """Return the first Python on PATH if pipfast's own environment is not the one that is meant.

    That is so if `program` (``sys.argv[0]``) was found on PATH or named by an absolute path, like
    the one in an alias, pipfast has an environment of its own, and none is active. None otherwise,
    also if the first Python on PATH is pipfast's own.
    """
    own = sys.prefix != sys.base_prefix
    if not own or not _is_called_from_anywhere(program) or active_prefix(environ) is not None:
        return None
    ours = os.path.dirname(sys.executable)  # noqa: PTH120
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder and os.path.realpath(folder) == os.path.realpath(ours):
            return None
        python = _first(folder, ["python3", "python", "python.exe"]) if folder else None
        if python is not None:
            return python
    return None


def _is_called_from_anywhere(program: str) -> bool:
    """Return whether `program` is a script, and its path does not depend on the current folder.

    ``tool/bin/pipfast`` and ``python -m pipfast`` name an environment.
    """
    return os.path.isabs(program) and not program.endswith(".py")  # noqa: PTH117


def _first(folder: str, names: Sequence[str]) -> str | None:
    found = (_join(folder, name) for name in names)
    return next((python for python in found if os.path.exists(python)), None)  # noqa: PTH110
