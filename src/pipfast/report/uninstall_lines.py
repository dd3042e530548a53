"""The lines of `pip uninstall`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.transaction.removal_summary import full_summary, moved_paths, short_summary
from pipfast.transaction.uninstall_paths import UninstallPaths

PROCEED = "Proceed (Y/n)? "
NO_INPUT = f"No input was expected ($PIP_NO_INPUT set); question: {PROCEED}"
STILL_CHANGING = (
    "The environment is being changed by other programs again and again; nothing was removed"
)
NO_NAMES = 'You must give at least one requirement to uninstall (see "pip help uninstall")'


def invalid_requirement(argument: str) -> str:
    """Return the warning for an argument that names no project."""
    return (
        f"Invalid requirement: {argument!r} ignored - the uninstall command expects named "
        "requirements."
    )


def hash_without_requirement(path: str, line: int) -> str:
    """Return the warning for a line of a requirements file that has a ``--hash`` alone."""
    return f"{path} line {line} has --hash but no requirement, and will be ignored."


def unexpected_answer(answer: str) -> str:
    """Return the line after an answer that is neither yes nor no."""
    return f"Your response ({answer!r}) was not one of the expected responses: y, n, "


def summary(uninstall: UninstallPaths, *, verbose: bool) -> Iterator[str]:
    """Yield lines with what would be removed and what would stay; every path with `verbose`."""
    summary = full_summary(uninstall) if verbose else short_summary(uninstall)
    sections = [
        ("Would remove:", summary.removed),
        ("Would not remove (might be manually added):", summary.remains),
        ("Would not remove (outside of prefix):", summary.refused),
        ("Will actually move:", moved_paths(uninstall) if verbose else ()),
    ]
    for title, paths in sections:
        if paths:
            yield f"  {title}"
            yield from (f"    {path}" for path in paths)


def failed(error: OSError) -> str:
    """Return the error for a file that cannot be removed."""
    return f"Could not uninstall packages due to an OSError: {error}"


def store_remains(path: str, size: int) -> str:
    """Return the hint after pipfast was uninstalled: its store at `path` has `size` bytes."""
    from shlex import quote

    command = f'rmdir /s "{path}"' if os.name == "nt" else f"rm -rf {quote(path)}"
    return (
        f"hint: the store of pipfast remains ({human_size(size)}), and installed environments do "
        f"not need it; to remove it, run: {command}\n"
    )
