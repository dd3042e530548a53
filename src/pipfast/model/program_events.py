"""Messages about subprocesses: version control programs and build backends."""

from __future__ import annotations

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class ProgramStarted(Message):
    """A program is about to run; `command` is what pip shows of it."""

    command: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)
    depth: int = field(default=1, kw_only=True)
    of_program: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProgramOutput(Message):
    """A program printed one or more lines."""

    text: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)
    depth: int = field(default=1, kw_only=True)
    of_program: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProgramDetails(Message):
    """A program failed that ran as `command` in `folder`, None for the current one."""

    command: str
    folder: str | None
    level: Level = field(default=Level.VERBOSE, kw_only=True)
    depth: int = field(default=1, kw_only=True)
    of_program: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProgramFailureShown(Message):
    """A program failed; `diagnostic` is pip's message for that."""

    diagnostic: str
    level: Level = field(default=Level.ERROR, kw_only=True)
    depth: int = field(default=1, kw_only=True)
    of_program: bool = field(default=True, kw_only=True)
