"""Messages about repositories. URLs hold no credentials; paths are as pip shows them."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class RepositoryCloned(Message):
    """A repository is cloned to `place`. `url` may start with the system's name.

    `revision` is the requested one, None for the default.
    """

    url: str
    revision: str | None
    place: str


@dataclass(frozen=True, slots=True)
class RepositoryCheckedOut(Message):
    """A repository is checked out to `place`, as Subversion and Bazaar call it."""

    url: str
    revision: str | None
    place: str


@dataclass(frozen=True, slots=True)
class GitRevisionFound(Message):
    """git found the requested revision `name`; `branch` is its branch, None if it is no branch."""

    name: str
    branch: str | None
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class GitCommitResolved(Message):
    """The repository at `url` was resolved to a commit."""

    url: str
    commit: str


@dataclass(frozen=True, slots=True)
class GitRevisionAssumed(Message):
    """The requested revision is no branch or tag, and no full commit hash."""

    name: str


@dataclass(frozen=True, slots=True)
class GitVersionUnknown(Message):
    """git's output about its version cannot be parsed."""

    output: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class MercurialNotSwitched(Message):
    """A clone could not be switched to the repository at `url`; `fault` says why."""

    url: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProjectNotFound(Message):
    """Neither `folder` nor a folder above contains a project.

    Subversion's message differs from that of the others by a word.
    """

    folder: str
    in_subversion: bool
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class ExecutionFailed(Message):
    """The operating system could not execute `command`; `fault` is its error."""

    command: str
    fault: str
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class FolderChecked(Message):
    """The existing `place` is checked for a working copy of `system`, which has a `folder`."""

    place: str
    folder: str
    system: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class WorkingCopyOfOtherUrl(Message):
    """`place` is a working copy, which the system calls `noun`, of the repository at `url`."""

    system: str
    noun: str
    place: str
    url: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class NotAWorkingCopy(Message):
    """`place` exists and is not a working copy of `system`."""

    place: str
    system: str
    noun: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class InstallationPlanned(Message):
    """The repository at `url` will be installed, whatever becomes of the existing folder."""

    system: str
    url: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class WorkingCopyConfirmed(Message):
    """`place` is a working copy of the requested repository."""

    noun: str
    place: str
    url: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class UpdateUnneeded(Message):
    """The working copy is at the requested revision."""


@dataclass(frozen=True, slots=True)
class WorkingCopyUpdated(Message):
    """The working copy at `place` is updated to `revision`."""

    place: str
    noun: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class WorkingCopySwitched(Message):
    """The working copy at `place` is switched to the repository at `url`."""

    noun: str
    place: str
    url: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class FolderDeleted(Message):
    """The existing folder `place` is deleted."""

    place: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class FolderBackedUp(Message):
    """The existing folder `place` is moved to `backup`."""

    place: str
    backup: str
    level: Level = field(default=Level.WARNING, kw_only=True)
