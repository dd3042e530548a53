"""Messages about the store that machines share."""

from __future__ import annotations

from enum import Enum, auto

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.remote_store.objects import Fault


class Unusable(Enum):
    """Why the settings give no remote store."""

    NO_KEY = auto()
    SHORT_KEY = auto()
    UNREADABLE_KEY = auto()
    UNKNOWN_SCHEME = auto()
    LIBRARY_MISSING = auto()


@dataclass(frozen=True, slots=True)
class RemoteStoreUnusable(Message):
    """The remote store at `url` is not used because of the settings."""

    url: str
    why: Unusable
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteStoreFailed(Message):
    """The remote store at `url` is not asked again in this run; `fault` says what happened.

    `status` is the status of a web server that answered with one.
    """

    url: str
    fault: str
    status: int | None = None
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteStoreTooSlow(Message):
    """The remote store at `url` is not asked again in this run, because waiting costs more."""

    url: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteObjectRefused(Message):
    """The object of the remote store for `project` must not be used."""

    project: str
    fault: Fault
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteWheelUsed(Message):
    """The wheel `filename` comes from the remote store; its build took `seconds` elsewhere."""

    filename: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RemoteUploadsDone(Message):
    """So many objects with so many bytes were uploaded."""

    count: int
    size: int
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteUploadsLeft(Message):
    """So many objects wait for the next upload."""

    count: int
