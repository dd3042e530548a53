"""The lines of `pip download` and `pip wheel` about the folder that they write to."""

from __future__ import annotations

from collections.abc import Sequence


def saved(path: str) -> str:
    """Return the line for a file that was written into the folder."""
    return f"Saved {path}"


def downloaded(names: Sequence[str]) -> str:
    """Return the line for all projects, in the order of the resolution."""
    return f"Successfully downloaded {' '.join(names)}"


def file_exists(path: str) -> str:
    """Return the question what to do about an existing file."""
    return f"The file {path} exists. (i)gnore, (w)ipe, (b)ackup, (a)bort "


def deleting(path: str) -> str:
    """Return the warning that an existing file is deleted."""
    return f"Deleting {path}"


def backing_up(path: str, backup: str) -> str:
    """Return the warning that an existing file is renamed."""
    return f"Backing up {path} to {backup}"


def not_copied(name: str, folder: object, error: OSError) -> str:
    """Return the warning for a built wheel that cannot be written into the folder."""
    return f"Failed to copy built wheel {name} to {folder}: {error}"
