"""The line that names the Python to install for."""

from __future__ import annotations


def first_on_path(python: str) -> str:
    """Return the line about a Python that was found on PATH."""
    return (
        f"No environment is active: using {python}, the first Python on PATH "
        "(--python chooses another)"
    )
