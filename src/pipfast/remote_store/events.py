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
    UNREADABLE_SIGNING_KEY = auto()
    BAD_SIGNING_KEY = auto()
    UNREADABLE_PUBLIC_KEYS = auto()
    BAD_PUBLIC_KEYS = auto()
    OTHER_SIGNING_KEY = auto()
    NO_SIGNATURES = auto()
    """The library for signatures is not installed."""
    UNKNOWN_SCHEME = auto()
    NO_ENGINE = auto()
    """The library for the storage is not installed."""


@dataclass(frozen=True, slots=True)
class RemoteStoreUnusable(Message):
    """The remote store at `url` is not used because of the settings."""

    url: str
    why: Unusable
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteStoreOnlyRead(Message):
    """The machine may write to the remote store at `url`, but has no key to sign with."""

    url: str
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
    """The object of the remote store for `project` must not be used.

    `project` is the name of a wheel if the object has its bytecode (`is_bytecode`).
    """

    project: str
    fault: Fault
    is_bytecode: bool = False
    level: Level = field(default=Level.WARNING, kw_only=True)


class Found(Enum):
    """What a lookup found."""

    HIT = auto()
    MISS = auto()
    REFUSED = auto()
    GIVEN_UP = auto()
    """Nothing: the storage failed, or waiting costs more than the work."""


@dataclass(frozen=True, slots=True)
class RemoteObjectAsked(Message):
    """The object at `url` is asked for, because it may spare work for `project`.

    `project` is the name of a wheel if the object has its bytecode (`is_bytecode`).
    """

    url: str
    project: str
    is_bytecode: bool = False
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteObjectAnswered(Message):
    """The lookup of an object ended: with so many bytes, or refused because of `fault`."""

    found: Found
    size: int = 0
    fault: Fault | None = None
    level: Level = field(default=Level.DEBUG, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteWheelUsed(Message):
    """The wheel `filename`, which another machine built, is used."""

    filename: str


@dataclass(frozen=True, slots=True)
class RemoteWheelOrigin(Message):
    """The wheel comes from the remote store at `url`; its build took `seconds` elsewhere."""

    url: str
    seconds: float
    level: Level = field(default=Level.VERBOSE, kw_only=True)
    depth: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteBytecodeUsed(Message):
    """The modules of the wheel `filename` were compiled elsewhere, in so many processor seconds."""

    filename: str
    url: str
    seconds: float
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class RemoteBytecodeGivenUp(Message):
    """The modules of the wheel `filename` are compiled, as waiting for the object costs more."""

    filename: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


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
