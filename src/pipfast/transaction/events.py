"""Messages about installing and uninstalling distributions."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.transaction.errors import Refusal


@dataclass(frozen=True, slots=True)
class LongRecordRow(Message):
    """A row of a wheel's RECORD has more than three fields."""

    fields: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class AttemptingUninstall(Message):
    """An installed distribution is replaced; `name` is spelled as in the requirement."""

    name: str


@dataclass(frozen=True, slots=True)
class NotInstalledSkipped(Message):
    """A project to uninstall is not installed; `name` is written as the user wrote it."""

    name: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class FoundInstallation(Message):
    """A distribution to uninstall was found; `version` is None if its metadata has none."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Uninstalling(Message):
    """A distribution is about to be uninstalled."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class RemovingPath(Message):
    """A file or folder is removed; the path of a folder ends in a separator."""

    path: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemovingPathEntries(Message):
    """Entries of a distribution are removed from the ``.pth`` file `file`."""

    file: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemovingPathEntry(Message):
    """The line `entry` is removed from a ``.pth`` file."""

    entry: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class BytecodeCompiled(Message):
    """The modules of a wheel were compiled."""

    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class ScriptMadeExecutable(Message):
    """The script `path` of an entry point got the permissions `mode`."""

    path: str
    mode: int
    of_library: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class InterpreterReplaced(Message):
    """A wheel has a script or file at the path of the environment's interpreter."""

    wheel: str
    path: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class UnpackedAgain(Message):
    """Files of `wheels` were changed in the store after they were unpacked, or were removed."""

    wheels: tuple[str, ...]
    were_removed: bool = False
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class CompiledAgain(Message):
    """The bytecode of `wheels` was changed in the store."""

    wheels: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class FilesOutsideKept(Message):
    """RECORD of `name` lists the interpreter, or files outside the environment; they stay."""

    name: str
    paths: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class SharedFiles(Message):
    """The distributions `owners`, too, list files of `name`; they are kept or removed."""

    name: str
    owners: tuple[str, ...]
    paths: tuple[str, ...]
    is_kept: bool
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class FilesReplaced(Message):
    """The files `paths` of the distributions `owners` were replaced by those of another one."""

    owners: tuple[str, ...]
    paths: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class Uninstalled(Message):
    """A distribution has been uninstalled."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class NothingToUninstall(Message):
    """No file of a distribution may be removed, or none exists."""

    name: str


@dataclass(frozen=True, slots=True)
class OutsideEnvironment(Message):
    """A distribution is not uninstalled because it is not in the environment at `prefix`."""

    name: str
    location: str
    prefix: str


@dataclass(frozen=True, slots=True)
class InStandardLibrary(Message):
    """A distribution is not uninstalled because it belongs to the standard library."""

    name: str
    location: str


@dataclass(frozen=True, slots=True)
class PathFileMissing(Message):
    """A ``.pth`` file that should contain an entry of a distribution does not exist."""

    file: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class TargetExists(Message):
    """An item in the folder of ``--target`` is not replaced."""

    path: str
    is_link: bool
    """Whether it is a symbolic link, which ``--upgrade`` does not replace either."""
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class ScriptsNotOnPath(Message):
    """Console scripts were installed into folders that PATH does not contain.

    `folders` has pairs of a folder and the names of its scripts. `path_has_tilde` is whether an
    entry of PATH starts with ``~``.
    """

    folders: tuple[tuple[str, tuple[str, ...]], ...]
    path_has_tilde: bool
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class JournalIgnored(Message):
    """A folder has the name of a transaction's, but its journal is not trusted; it is left alone.

    If it is a journal of this user, the folder may contain the only copy of files.
    """

    folder: str
    why: Refusal
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class InterruptedRunUndone(Message):
    """The changes of an interrupted run were undone.

    `kept` are projects that another program has installed since; they were not changed.
    """

    root: str
    kept: tuple[str, ...] = ()
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class InterruptedRunSeen(Message):
    """A run was interrupted, and this one may not undo its changes: it reads what was before."""

    root: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class OldFilesRemain(Message):
    """Old files at `paths` could not be put back, since others are there now.

    They stay in `folder`.
    """

    folder: str
    paths: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class CleanUpDelayed(Message):
    """The change was made, but old files in `folder` could not be removed yet."""

    folder: str
    error: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class CleanUpRefused(Message):
    """Old files in `folder` are kept, because the new files `missing` are not there any more."""

    folder: str
    missing: tuple[str, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class PlannedAgain(Message):
    """Another program changed the environment after the plan was made, so it is made again."""
