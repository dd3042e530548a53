"""Messages about requirements, requirements files and lock files."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class ArchiveNotFound(Message):
    """A requirement has the file name of an archive that does not exist."""

    requirement: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class LocaleEncodingUsed(Message):
    """A requirements file is not UTF-8; it is decoded with the encoding of the locale."""

    path: str
    encoding: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class HashIgnored(Message):
    """A line of a requirements file has hashes but no requirement."""

    path: str
    line: int
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class TrustedHostAdded(Message):
    """A line of a requirements file adds a trusted host."""

    host: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class ConstraintFormDeprecated(Message):
    """A constraint is not a project name with a version specifier."""

    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class LockFileIsExperimental(Message):
    """A lock file is read for requirements."""

    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class LockVersionUnsupported(Message):
    """The minor version of a lock file's format is newer than the supported one."""

    version: str
    level: Level = field(default=Level.WARNING, kw_only=True)
