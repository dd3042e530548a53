"""Events that packages below `report/` emit; `report/` decides what is shown."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from pipfast.model.frozen_dataclass import dataclass, field, replace


class Level(Enum):
    """The importance of a message; the numbers are those of pip's log levels."""

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
    prefix at any level. `of_library` marks what a library of pip says, which pip shows with ``-v``.
    """

    level: Level = field(default=Level.INFO, kw_only=True)
    depth: int = field(default=0, kw_only=True)
    of_program: bool = field(default=False, kw_only=True)
    of_library: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RepeatedMessage(Message):
    """A message of an earlier run, stored as it was `rendered`, indentation included."""

    rendered: str


@dataclass(frozen=True, slots=True)
class InvalidRequiresPython(Message):
    """The Requires-Python of a distribution of `package` is invalid and ignored."""

    package: str
    fault: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class NewerWheelVersion(Message):
    """The Wheel-Version of a wheel is newer than the one that is supported, but compatible."""

    version: tuple[int, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Progress of a download: `done` of `total` bytes (None if unknown) of the file `name`."""

    name: str
    done: int
    total: int | None


class Phase(Enum):
    """What a run does, in this order; the values are words for a user."""

    RESOLVE = "resolve"
    DOWNLOAD = "download"
    BUILD = "build"
    UNPACK = "unpack"
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Stage:
    """Progress of a phase: `done` of `total` distributions (0 if unknown).

    `what` is the current one: a project, or a file whose name begins with name and version.
    """

    phase: Phase
    done: int
    total: int
    what: str = ""


class Status(Enum):
    """The state of a subprocess; the values are pip's words."""

    STARTED = "started"
    RUNNING = "still running..."
    DONE = "done"
    ERROR = "error"
    CANCELED = "canceled"


class Purpose(Enum):
    """What a step of a build is for."""

    PREPARE = auto()
    """The build environment and the metadata."""
    BUILD = auto()
    """The wheel."""


@dataclass(frozen=True, slots=True)
class Work:
    """A subprocess is running: pip's spinner on a terminal, and lines elsewhere.

    A step is STARTED once, RUNNING several times, and ends with one of the other states. `line` is
    the program's latest line of output, `depth` the number of enclosing steps. `project` is what a
    step is for, empty if unknown.
    """

    step: str
    status: Status
    line: str = ""
    purpose: Purpose = field(default=Purpose.PREPARE, kw_only=True)
    depth: int = field(default=0, kw_only=True)
    project: str = field(default="", kw_only=True)

    @property
    def is_passing(self) -> bool:
        """Return whether the event only reports that the step continues."""
        return self.status is Status.RUNNING


@dataclass(frozen=True, slots=True)
class Question:
    """The user is asked something; the question `begins`, or has been answered."""

    begins: bool


@dataclass(frozen=True, slots=True)
class Discarded:
    """A distribution was rejected only because of the local segment of its version.

    `expected` is the version of its link, `found` the one in its metadata.
    """

    project: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class RequirementUnreadable:
    """The metadata of `project` are invalid because of `line`, whose plain meaning is `meaning`."""

    project: str
    line: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Unprepared:
    """A source failed that was tried only because newer releases conflict."""

    project: str
    version: str


Event = (
    Message | Transfer | Stage | Work | Question | Discarded | RequirementUnreadable | Unprepared
)
Listener = Callable[[Event], None]
"""Handles an event immediately and never raises; may be called from several threads."""


def indented(listen: Listener) -> Listener:
    """Return a listener that forwards messages as those of a nested step."""

    def forward(event: Event) -> None:
        if isinstance(event, Message | Work):
            event = replace(event, depth=event.depth + 1)
        listen(event)

    return forward


def outdented(listen: Listener) -> Listener:
    """Return a listener that forwards the messages of a nested step as those of the outer one."""

    def forward(event: Event) -> None:
        if isinstance(event, Message | Work):
            event = replace(event, depth=max(0, event.depth - 1))
        listen(event)

    return forward


def silent(event: Event) -> None:
    """Ignore an event."""
