"""The line of ``--version``: program, version, location, and the Python that it works for."""

from __future__ import annotations

import os
from importlib.machinery import PathFinder

import pipfast
from pipfast.model.version import PIP_VERSION, __version__


def version_line(python: str, *, as_pip: bool) -> str:
    """Return the line for the version of `python`; with `as_pip` (parity mode) it is pip's own."""
    if as_pip:
        return f"pip {PIP_VERSION} from {_pip_folder()} (python {python})"
    return f"pipfast {__version__} from {pipfast.__path__[0]} (python {python})"


def _pip_folder() -> str:
    """Return the folder of the pip that pipfast would run."""
    spec = PathFinder.find_spec("pip")
    return os.path.dirname(spec.origin) if spec and spec.origin else "nowhere"  # noqa: PTH120
