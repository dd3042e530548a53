"""What the lower rooms tell while they work; `report/` decides what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from pipfast.model.frozen_dataclass import dataclass, field, replace


class Level(Enum):
    """How loud a message is; the numbers are those of pip's verbosity (PARITY 10)."""

    DEBUG = 10
    VERBOSE = 15
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50


@dataclass(frozen=True, slots=True)
class Message:
    """Base class of typed events that `report/` renders as one or more lines.

    A subclass holds data only; its text is produced by a function in
    ``report/messages/<package>.py``, where ``<package>`` is the package that defines the event.

    `level` decides whether and where the text is shown. `depth` is the number of enclosing steps;
    each indents every line by two spaces, as pip's log formatter does. `of_program` marks output of
    or about a subprocess (git, a build backend), which pip writes to standard error without a
    prefix at any level.
    """

    level: Level = field(default=Level.INFO, kw_only=True)
    depth: int = field(default=0, kw_only=True)
    of_program: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the user, complete as pip would log it (indentation included, no prefix).

    `of_program` marks what is said of or by a program that was run, git or a build backend: pip
    shows it on standard error whatever its level, and without a prefix.
    """

    level: Level
    text: str
    of_program: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Bytes of a download: `done` of `total` (None if unknown) of the file `name`."""

    name: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A count of a stage's work: `done` of `total`, `what` is the distribution in hand."""

    name: str
    done: int
    total: int
    what: str = ""


class Status(Enum):
    """How far a program has come; the values are pip's words."""

    STARTED = "started"
    RUNNING = "still running..."
    DONE = "done"
    ERROR = "error"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Work:
    """A program is at work: what pip's spinner shows on a terminal, and tells in lines elsewhere.

    `text` names the step, complete with its indentation; a step is told STARTED once, RUNNING now
    and then, and in the end one of the others. `line` is what the program said last.
    """

    text: str
    status: Status
    line: str = ""

    @property
    def is_passing(self) -> bool:
        """Whether there is only news of a step that goes on."""
        return self.status is Status.RUNNING


@dataclass(frozen=True, slots=True)
class Discarded:
    """A distribution was passed over for the local segment of its version alone.

    `expected` is the version its link promised, `found` the one its metadata tells.
    """

    project: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Unprepared:
    """A source has failed that was only come to because newer releases do not fit."""

    project: str
    version: str


Event = Message | Said | Transfer | Stage | Work | Discarded | Unprepared
Listener = Callable[[Event], None]
"""Takes an event at once and never raises; may be called from several threads."""


def indented(listen: Listener) -> Listener:
    """A listener that passes lines on as those of a step that stands under another one."""

    def hear(event: Event) -> None:
        if isinstance(event, Message):
            event = replace(event, depth=event.depth + 1)
        elif isinstance(event, Said):
            event = replace(event, text=f"  {event.text}")
        listen(event)

    return hear


def silent(event: Event) -> None:
    """A listener for those who are not listening."""
