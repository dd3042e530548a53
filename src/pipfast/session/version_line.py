"""By which name and from where this program runs: pip's own words in pip-parity mode."""

from __future__ import annotations

import os
from importlib.util import find_spec

from pipfast.model.version import PIP_VERSION, __version__


def called(python: str, *, as_pip: bool) -> str:
    """The program, its version and its place, and the version of the `python` it works for."""
    who, module = ("pip " + PIP_VERSION, "pip") if as_pip else ("pipfast " + __version__, "pipfast")
    spec = find_spec(module)
    place = os.path.dirname(spec.origin) if spec and spec.origin else "nowhere"  # noqa: PTH120
    return f"{who} from {place} (python {python})"
