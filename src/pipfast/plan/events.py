"""Messages about planned installations."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class WheelAlreadyInstalled(Message):
    """A local wheel is not installed because its version already is; `project` is as requested."""

    project: str


@dataclass(frozen=True, slots=True)
class DependenciesUnreadable(Message):
    """The requirements of the installed distribution `project` are invalid; they are ignored."""

    project: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class YankedCandidateChosen(Message):
    """A yanked distribution is installed; `link` is without credentials, `reason` may be empty."""

    project: str
    version: str
    link: str
    reason: str
    level: Level = field(default=Level.WARNING, kw_only=True)
