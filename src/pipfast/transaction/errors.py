"""Errors of transactions; the texts are those of pip, except for RollbackFailed."""

from __future__ import annotations

from enum import Enum, auto

from pipfast.errors import Diagnostic, InstallationError, OwnError, OwnInstallationError
from pipfast.model.installed_distribution import Installed
from pipfast.model.remedies import FilesInJournal, MakeSpace, ReservedName


class NoRecordError(Diagnostic):
    """The RECORD file of an installed distribution is missing."""

    def __init__(self, installed: Installed) -> None:
        name = installed.raw_name
        if installed.installer in ("", "pip"):
            advice = (
                "You might be able to recover from this via: "
                f"pip install --ignore-installed --no-deps {name}=={installed.version}"
            )
        else:
            advice = (
                f"The package was installed by {installed.installer}. "
                "You should check if it can uninstall the package."
            )
        super().__init__(
            "uninstall-no-record-file",
            f"Cannot uninstall {name} {installed.raw_version}",
            context=(f"The package's contents are unknown: no RECORD file was found for {name}."),
            advice=advice,
        )


class DistutilsError(Diagnostic):
    """A distribution was installed by distutils, which records no files."""

    def __init__(self, installed: Installed) -> None:
        super().__init__(
            "uninstall-distutils-installed-package",
            f"Cannot uninstall {installed.raw_name} {installed.raw_version}",
            context=(
                "It is a distutils installed project and thus we cannot accurately determine "
                "which files belong to it which would lead to only a partial uninstall."
            ),
        )


class EggLinkMismatchError(InstallationError):
    """An ``.egg-link`` file points to another folder than the location of its distribution."""

    def __init__(self, link: str, pointer: str, installed: Installed) -> None:
        super().__init__(
            f"Egg-link {link} (to {pointer}) does not match installed location of "
            f"{installed.raw_name} (at {installed.location})"
        )


class DiskTooSmall(OwnInstallationError):
    """The disk of `path` has `free` bytes left, and what is to be installed needs `needed`."""

    def __init__(self, path: str, free: int, needed: int) -> None:
        super().__init__(MakeSpace())
        self.path = path
        self.free = free
        self.needed = needed


class ReservedNameError(OwnInstallationError):
    """A wheel has a file or script with a name that only transactions use."""

    def __init__(self, wheel: str, path: str) -> None:
        super().__init__(ReservedName(path))
        self.wheel = wheel
        self.path = path


class InterpreterReplacedError(OwnInstallationError):
    """A wheel has a script or file at the path of the environment's interpreter."""

    def __init__(self, wheel: str, path: str) -> None:
        super().__init__()
        self.wheel = wheel
        self.path = path


class RollbackFailed(OwnError):
    """A transaction could not be rolled back; its journal in `folder` is kept for the next run.

    Neither pipfast nor pip may change the environment before.
    """

    def __init__(self, folder: str, error: Exception) -> None:
        super().__init__(FilesInJournal(folder))
        self.folder = folder
        self.cause = f"{type(error).__name__}: {error}"


class Refusal(Enum):
    """Why the journal of an interrupted transaction is not trusted."""

    OWNER = auto()
    """It belongs to another user, or others may write to it."""
    KIND = auto()
    """It is not a file in a folder, or on another file system than its folder."""
    LINK = auto()
    """A folder that it names is a symbolic link."""
    SIGNATURE = auto()
    """It is damaged, or was not signed with a secret of this user."""
    PATH = auto()
    """It names a path outside the environment."""
    UNREADABLE = auto()
    """It, or a secret that may have signed it, cannot be read."""


class JournalRefused(Exception):
    """A journal is not trusted: nothing that it says may be done."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class EnvironmentChanged(Exception):
    """Another program changed the environment after the plan was made; nothing was changed."""
