"""The line of ``--version``: program, version, location, and the Python that it works for."""

from __future__ import annotations

import os
from importlib.util import find_spec

from pipfast.model.version import PIP_VERSION, __version__


def version_line(python: str, *, as_pip: bool) -> str:
    """Return the line for the version of `python`; with `as_pip` (parity mode) it is pip's own."""
    who, module = ("pip " + PIP_VERSION, "pip") if as_pip else ("pipfast " + __version__, "pipfast")
    spec = find_spec(module)
    place = os.path.dirname(spec.origin) if spec and spec.origin else "nowhere"  # noqa: PTH120
    return f"{who} from {place} (python {python})"
