"""Messages about installed distributions and installation targets."""

from __future__ import annotations

from enum import Enum, auto

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class LeftoverIgnored(Message):
    """A metadata folder has a name that no distribution can have; each scan of pip reports it.

    `is_incomplete` is whether an interrupted pip left it (``~name``).
    """

    name: str
    location: str
    is_incomplete: bool
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class MetadataSkipped(Message):
    """The metadata folder `info` names no project."""

    info: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class DirectUrlInvalid(Message):
    """The direct_url.json of a distribution cannot be parsed."""

    name: str
    error: str
    level: Level = field(default=Level.WARNING, kw_only=True)


class SiteReason(Enum):
    """Why a run installs into the user site, or why it does not."""

    REQUESTED = auto()
    NOT_REQUESTED = auto()
    ELSEWHERE = auto()
    DISABLED = auto()
    WRITABLE = auto()


@dataclass(frozen=True, slots=True)
class SiteChosen(Message):
    """It was decided whether to install into the user site."""

    reason: SiteReason
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class UserSiteUsed(Message):
    """Distributions go to the user site, because the environment is not writable."""
