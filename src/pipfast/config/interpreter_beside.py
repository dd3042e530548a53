"""The Python that belongs to a program named pip because of its location."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

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
    found = (_join(folder, name) for name in names)
    return next((python for python in found if os.path.exists(python)), None)  # noqa: PTH110
