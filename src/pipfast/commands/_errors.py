"""Errors of the subcommands, with pip's texts."""

from __future__ import annotations

from collections.abc import Iterable

from pipfast.errors import CommandError, PipfastError
from pipfast.model.remedies import AnswerInAdvance
from pipfast.report import command_errors


def unknown_action(actions: Iterable[str]) -> CommandError:
    """Return the error for a missing or unknown first argument of a command with actions."""
    return CommandError(f"Need an action ({', '.join(sorted(actions))}) to perform.")


class FileNotHashed(CommandError):
    """A file cannot be read."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(command_errors.file_not_hashed(path, error))


class ConfigurationNotWritten(CommandError):
    """The changed configuration file cannot be written."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(
            f"An error occurred while writing to the configuration file {path}: {error}"
        )


class LockFileNotWritten(PipfastError):
    """The lock file cannot be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__(command_errors.lock_file_not_written(error))


class NotConfirmed(PipfastError):
    """The user has to confirm a removal and cannot be asked, or gives no answer."""

    def __init__(self, why: str) -> None:
        super().__init__(why, AnswerInAdvance())
