"""The names under which a program is pip."""

from __future__ import annotations


def is_pip_name(called: str) -> bool:
    """Return whether a program name is one of pip's: ``pip``, ``pip3``, ``pip3.11``."""
    return called.removesuffix(".exe").rstrip("0123456789.") == "pip"
