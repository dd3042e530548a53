"""What a run is doing, from its events: one line for a terminal, and the time of each phase."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from time import monotonic

from pipfast.model.events import Phase, Stage, Status, Transfer, Work
from pipfast.model.frozen_dataclass import dataclass

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]")
_FILE = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*)(-.*\.whl|\.tar\.\w+|\.zip|\.dist-info)$")
_UNITS = ((1000_000_000, "GB"), (1000_000, "MB"), (1000, "kB"))
_ENOUGH = 2.0
"""Seconds after which a line says how long a step has been taking."""

_BAR = 20
"""The cells of a bar, which is drawn if the terminal is wide enough."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters of a display: what the stream's encoding has."""

    spinner: str
    full: str
    empty: str
    more: str
    between: str


FANCY = Signs("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "━", "─", "…", " · ")
PLAIN = Signs("|/-\\", "#", ".", "...", ", ")


def signs_for(encoding: str | None) -> Signs:
    """Return the signs that `encoding` has."""
    try:
        f"{FANCY.spinner}{FANCY.full}{FANCY.more}{FANCY.between}".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return FANCY


@dataclass(slots=True)
class _Transferred:
    done: int
    total: int | None
    since: float


@dataclass(slots=True)
class _Running:
    step: str
    since: float
    line: str = ""


class Activity:
    """The state of a run. Not safe for several threads; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._stage = Stage(Phase.RESOLVE, 0, 0)
        self._since = clock()
        self._transfers: dict[str, _Transferred] = {}
        self._running: dict[tuple[str, str], _Running] = {}
        self._spent: dict[Phase, float] = {}
        self._last = self._since

    def take(self, event: Stage | Transfer | Work) -> None:
        """Note an event."""
        now = self._clock()
        self._account(now)
        match event:
            case Stage() if self._running:
                pass  # a step of a build
            case Stage():
                if (event.phase, event.what) != (self._stage.phase, self._stage.what):
                    self._since = now
                self._stage = event
            case Transfer(name=name, done=done, total=total):
                known = self._transfers.setdefault(name, _Transferred(0, total, now))
                known.done, known.total = done, total
                if total is not None and done >= total:
                    del self._transfers[name]
            case Work():
                self._work(event, now)

    def _work(self, event: Work, now: float) -> None:
        key = (event.step, event.project)
        if event.status not in (Status.STARTED, Status.RUNNING):
            self._running.pop(key, None)
            return
        known = self._running.setdefault(key, _Running(_of_project(event), now))
        if event.line.strip():
            known.line = event.line

    @property
    def phase(self) -> Phase:
        """What the run is doing now."""
        return Phase.BUILD if self._running else self._stage.phase

    def _account(self, now: float) -> None:
        phase = self.phase
        self._spent[phase] = self._spent.get(phase, 0.0) + now - self._last
        self._last = now

    def times(self) -> dict[Phase, float]:
        """Return the seconds that each phase took up to now."""
        self._account(self._clock())
        return dict(self._spent)

    def line(self, width: int, signs: Signs) -> str:
        """Return the present state in at most `width` columns."""
        now = self._clock()
        if self._running:
            return self._build_line(now, width, signs)
        stage = self._stage
        if stage.phase is Phase.DOWNLOAD:
            return self._download_line(now, width, signs)
        return fitted(f"{_staged(stage, signs)}{_elapsed(now - self._since)}", width, signs)

    def _build_line(self, now: float, width: int, signs: Signs) -> str:
        oldest = next(iter(self._running.values()))
        others = len(self._running) - 1
        more = f" (and {others} more)" if others else ""
        text = f"{oldest.step}{more}{_elapsed(now - oldest.since)}"
        said = _CONTROL.sub("", oldest.line).strip()
        return fitted(f"{text}: {said}" if said else text, width, signs)

    def _download_line(self, now: float, width: int, signs: Signs) -> str:
        stage = self._stage
        text = f"Downloading {min(stage.done + 1, stage.total)} of {stage.total}"
        if not self._transfers:
            return fitted(f"{text}{_elapsed(now - self._since)}", width, signs)
        name, file = next(iter(self._transfers.items()))
        text += f": {release_of(name)}  {_size(file.done, file.total)}"
        seconds = now - file.since
        if seconds > _ENOUGH / 2:
            text += f"  {_bytes(int(file.done / seconds))}/s"
        room = width - len(text) - _BAR - 2
        if file.total and room >= 0:
            full = min(_BAR, file.done * _BAR // file.total)
            text += f"  {signs.full * full}{signs.empty * (_BAR - full)}"
        return fitted(text, width, signs)


def release_of(filename: str) -> str:
    """Return name and version of a file of a release, else the file's name."""
    match = _FILE.fullmatch(filename)
    return f"{match['name']} {match['version']}" if match else filename


def closing_text(times: dict[Phase, float], width: int, signs: Signs) -> str:
    """Return where the time went: one line, or as many as `width` columns need."""
    lines: list[str] = []
    for phase in Phase:
        part = f"{phase.value} {_seconds(times.get(phase, 0.0))}"
        longer = f"{lines[-1]}{signs.between}{part}" if lines else part
        if lines and columns(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return "\n".join(lines)


def fitted(text: str, width: int, signs: Signs) -> str:
    """Return `text` in at most `width` columns, with a sign of what is missing."""
    if columns(text) <= width:
        return text
    room = width - len(signs.more)
    kept = ""
    for character in text:
        room -= _column(character)
        if room < 0:
            break
        kept += character
    return f"{kept}{signs.more}"[: max(width, 0)]


def columns(text: str) -> int:
    """Return how many columns `text` takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _of_project(event: Work) -> str:
    """Return pip's title of a step with the project, which pip does not name in each."""
    if not event.project or f" for {event.project}" in event.step:
        return event.step
    step, mark, how = event.step.partition(" (")
    return f"{step} for {event.project}{mark}{how}"


def _staged(stage: Stage, signs: Signs) -> str:
    match stage.phase:
        case Phase.RESOLVE:
            return _resolving(stage, signs)
        case Phase.UNPACK if stage.total and stage.done >= stage.total and not stage.what:
            wheels = "1 wheel" if stage.total == 1 else f"{stage.total} wheels"
            return f"Compiling and checking the modules of {wheels}"
        case Phase.UNPACK:
            return f"Unpacking and compiling {_counted(stage)}"
        case _:
            return f"Installing {_counted(stage)}"


def _resolving(stage: Stage, signs: Signs) -> str:
    if not stage.done:
        return "Resolving"
    projects = "1 project" if stage.done == 1 else f"{stage.done} projects"
    asking = f"{signs.between}now {stage.what}" if stage.what else ""
    return f"Resolving: {projects} seen{asking}"


def _counted(stage: Stage) -> str:
    what = f": {release_of(stage.what)}" if stage.what else ""
    return f"{min(stage.done + 1, stage.total)} of {stage.total}{what}"


def _elapsed(seconds: float) -> str:
    if seconds < _ENOUGH:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f", {minutes} min {rest} s" if minutes else f", {rest} s"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.05 else "0"


def _bytes(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def _size(done: int, total: int | None) -> str:
    if total is None:
        return _bytes(done)
    unit, name = next(((unit, name) for unit, name in _UNITS if total >= unit), (1, "bytes"))
    if unit == 1:
        return f"{done}/{total} bytes"
    return f"{done / unit:.1f}/{total / unit:.1f} {name}"
