"""Messages about preparing and building sources."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceVersionAccepted(Message):
    """The source in `folder` has a `version` that satisfies `requirement`."""

    folder: Path
    version: str
    requirement: str
    level: Level = field(default=Level.DEBUG, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class CachedWheelIgnored(Message):
    """A cached wheel was built from a file with another hash than the required ones."""

    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class OtherVersionFound(Message):
    """The metadata of a source has a version that its requirement does not allow."""

    requested: str
    version: str
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeptWheelUsed(Message):
    """The build of `project` failed, and the wheel of an earlier build is used as in pip."""

    project: str
    filename: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class WheelsRequested(Message):
    """Wheels of these projects will be built."""

    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WheelsBuilt(Message):
    """Wheels of these projects were built."""

    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WheelBuildsFailed(Message):
    """Wheels of these projects could not be built."""

    projects: tuple[str, ...]
