"""The lines of `pip check`."""

from __future__ import annotations

NOTHING_BROKEN = "No broken requirements found."


def missing(name: str, version: str, required: str) -> str:
    """Return the line for a requirement that no installed distribution fulfils."""
    return f"{name} {version} requires {required}, which is not installed."


def conflicting(distribution: str, requirement: str, found: str) -> str:
    """Return the line for a requirement that excludes the installed version.

    `distribution` and `found` are names with versions.
    """
    return f"{distribution} has requirement {requirement}, but you have {found}."


def unsupported(name: str, version: str) -> str:
    """Return the line for a distribution whose wheel is for another platform."""
    return f"{name} {version} is not supported on this platform"


def unreadable(name: str, error: Exception | str) -> str:
    """Return the warning for a distribution whose requirements cannot be read."""
    return f"Error parsing dependencies of {name}: {error}"
