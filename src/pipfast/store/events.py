"""Messages about the store, and about pip's cache of built wheels."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class OriginFileIgnored(Message):
    """The origin file `path` of the cached wheel `filename` is invalid; `fault` says why."""

    path: Path
    filename: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class OriginFileUnreadable(Message):
    """The origin file `path` is invalid and will be overwritten."""

    path: Path
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class OriginDiffers(Message):
    """The origin that `folder` records is not the one that its wheel has now."""

    folder: Path
    recorded: str
    actual: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class CachedWheelOfOtherProject(Message):
    """The wheel `filename` that is cached for `link` does not belong to the project `expected`."""

    filename: str
    link: str
    expected: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class StoreReplaced(Message):
    """The store `folder` cannot be written because of `fault`, and `place` is used in its place.

    `disk` is where its file system is mounted. `needed` is how many bytes were to be written, None
    if unknown. `is_full`: there is no space; `lacks_files`: there is none for more files.
    """

    folder: str
    place: str
    disk: str
    fault: str
    needed: int | None
    is_full: bool
    lacks_files: bool
    level: Level = field(default=Level.WARNING, kw_only=True)
