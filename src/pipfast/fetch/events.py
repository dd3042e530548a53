"""Messages about downloads and the files that they give."""

from __future__ import annotations

from pathlib import Path

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class FileAnnounced(Message):
    """A file is downloaded, or taken from the cache (`cached`), in pip's view.

    `size` is in bytes, None if unknown.
    """

    url: str
    size: int | None
    cached: bool


@dataclass(frozen=True, slots=True)
class MetadataRequested(Message):
    """The metadata file at `url` is about to be read, for `requirement`."""

    requirement: str
    url: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class MetadataFileUnused(Message):
    """A metadata file is not read, because hashes are required of the distribution itself."""

    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class FileDownloaded(Message):
    """The file of `link` was downloaded to `path`."""

    link: str
    path: Path
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class DownloadInterrupted(Message):
    """A connection broke off during a download."""

    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class DownloadResumed(Message):
    """A download that has `done` of `total` bytes is resumed, in the given `attempt`."""

    done: int
    total: int
    attempt: int
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class DownloadContinued(Message):
    """A download of `done` of `total` bytes goes on after pip's last of `attempts`."""

    done: int
    total: int
    attempts: int
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class FileInDestination(Message):
    """The file `path` is in the destination folder already."""

    path: Path
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class FileInDestinationReplaced(Message):
    """The file `path` in the destination folder has none of the expected hashes."""

    path: Path
    level: Level = field(default=Level.WARNING, kw_only=True)
    depth: int = field(default=1, kw_only=True)
