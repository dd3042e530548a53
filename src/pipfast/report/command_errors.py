"""Texts of errors of subcommands, and of handing a command to pip, that pip does not have."""

from __future__ import annotations


def file_not_hashed(path: str, error: OSError) -> str:
    """Return the error for a file that ``hash`` cannot read."""
    return f"Could not hash {path}: {error.strerror or error}"


def lock_file_not_written(error: OSError) -> str:
    """Return the error for a lock file that cannot be written."""
    return f"Could not write the lock file: {error}"


def file_exists(name: str) -> str:
    """Return the error for a file that exists if the user has decided to abort then."""
    return f"{name} exists, and the answer was to abort"


def not_implemented(command: str) -> str:
    """Return the error for a command that only pip can run."""
    return f"pipfast does not implement this yet: {command}"


def running_pip(reason: str) -> str:
    """Return the line before pipfast hands a command to pip."""
    return f"Running pip instead: {reason}"


def ran_pip(code: int, reason: str) -> str:
    """Return the line after pip ran a command of pipfast and exited with `code`."""
    return f"pipfast handed this command to pip, which exited with {code}: {reason}"


def incident_report(place: str) -> str:
    """Return the line that names the incident report."""
    return f"The incident report is in {place}"


def why_not_implemented(command: str) -> str:
    """Return why pip runs a command that pipfast does not implement."""
    return f"pipfast does not implement this yet ({command})"


def why_bug(exception: str, place: str) -> str:
    """Return why pip runs a command after an `exception` at `place`, which may be empty."""
    where = f", {place}" if place else ""
    return f"pipfast failed because of a bug ({exception}{where})"


def not_a_project(word: str) -> str:
    """Return the error for an argument that should be a project."""
    return f"{word!r} is not the name of a project"
