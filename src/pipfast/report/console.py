"""Standard output and standard error, used like pip; only this module uses rich."""

from __future__ import annotations

import os
import sys
import time
from _thread import allocate_lock  # threading.Lock without the rest of its module

from pipfast.model.events import (
    Discarded,
    Event,
    Level,
    Message,
    RequirementUnreadable,
    Stage,
    Status,
    Transfer,
    Unprepared,
    Work,
)
from pipfast.report.render import Line, line_of
from pipfast.report.spinner import SpinnerLines, title

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import TextIO

    from rich.progress import Progress, TaskID

LOUDNESS = {-3: Level.CRITICAL, -2: Level.ERROR, -1: Level.WARNING, 0: Level.INFO, 1: Level.VERBOSE}
"""The lowest level that is shown, by verbosity (`-v` minus `-q`)."""

_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class Console:
    """Prints messages of sufficient level: warnings and errors on stderr, others on stdout.

    `log` is a file that receives all messages with their time (`--log`).
    """

    def __init__(
        self,
        *,
        verbosity: int = 0,
        color: bool = True,
        log: str | None = None,
        progress_bar: str = "auto",
    ) -> None:
        least = LOUDNESS.get(max(verbosity, -3), Level.DEBUG)
        self._least = least.value
        self._color = color and "NO_COLOR" not in os.environ
        self._log = log
        self._printed: list[Line] = []
        self._lock = allocate_lock()
        wanted = progress_bar in ("on", "auto") and self._least <= Level.INFO.value
        self.draws_bars = wanted
        self._display = Display() if wanted and _is_interactive(sys.stdout) else None
        self._steps = SpinnerLines(terminal=sys.stdout.isatty() and self._least <= Level.INFO.value)

    def __call__(self, event: Event) -> None:
        """Handle an event of any package, from any thread."""
        match event:
            case Message():
                self._add(line_of(event))
            case Stage() | Transfer():
                if self._display is not None:
                    self._display.show(event)
            case Work():
                self._work(event)
            case Discarded() | RequirementUnreadable() | Unprepared():
                pass  # a message reports it too

    def _add(self, line: Line) -> None:
        with self._lock:
            self._printed.append(line)
            self._write(line)

    def _work(self, event: Work) -> None:
        if self._display is not None:
            self._display.work(event)
        line = self._steps.line(event)
        if line is not None:
            self.say(line)

    def lines(self) -> list[str] | None:
        """Return the lines on standard output so far; None if standard error was used."""
        if any(line.is_for_stderr for line in self._printed):
            return None
        return [line.text for line in self._printed if line.level.value >= self._least]

    def say(self, text: str, level: Level = Level.INFO) -> None:
        """Print one or more lines."""
        self._add(Line(level, text))

    def print(self, text: str) -> None:
        """Print requested output, whatever the verbosity."""
        with self._lock:
            _print(text, sys.stdout, "")

    def print_json(self, text: str) -> None:
        """Print a JSON document, with colours on a terminal."""
        if not (self._color and sys.stdout.isatty()):
            self.print(text)
            return
        from rich.console import Console as RichConsole

        RichConsole(file=sys.stdout).print_json(text)

    def show(self, text: str, plain: str) -> None:
        """Print a diagnostic on standard error, in ASCII if it cannot encode other characters."""
        encoding = getattr(sys.stderr, "encoding", None) or "ascii"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = plain
        with self._lock:
            _print(text, sys.stderr, "")

    def quieten(self) -> None:
        """Remove the progress display; messages are still printed."""
        if self._display is not None:
            self._display.stop()

    def _write(self, line: Line) -> None:
        """Print a message. A full disk behind the output does not end the run, as in pip."""
        text = line.prefixed
        if self._log is not None:
            try:
                _append(self._log, text)
            except OSError as error:
                self._log = None
                self._write(Line(Level.ERROR, f"Could not write to the log file: {error}"))
        if line.level.value < self._least:
            return
        stream = sys.stderr if line.is_for_stderr else sys.stdout
        try:
            self._write_to(stream, line, text)
        except BrokenPipeError:
            raise
        except OSError as error:
            _discard(stream)
            if stream is sys.stdout:
                self._write(Line(Level.ERROR, f"Could not write to standard output: {error}"))

    def _write_to(self, stream: TextIO, line: Line, text: str) -> None:
        if self._display is not None:
            self._display.above(text, stream, _style(line.level) if self._color else "")
            return
        _print(text, stream, _style(line.level) if self._color and stream.isatty() else "")


class Display:
    """A progress display on a terminal in place of pip's bars: a line per stage or download."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._lock = allocate_lock()
        self._silent = False

    def show(self, event: Stage | Transfer) -> None:
        """Draw the progress of a stage or download."""
        with self._lock:
            if self._silent:
                return
            progress = self._progress or self._begin()
            what = event.name
            if what not in self._tasks:
                self._tasks[what] = progress.add_task(what, total=event.total)
            task = self._tasks[what]
            progress.update(task, completed=event.done, total=event.total)
            if event.total is not None and event.done >= event.total:
                progress.remove_task(task)
                del self._tasks[what]

    def work(self, event: Work) -> None:
        """Draw that a subprocess is running, and its latest line."""
        with self._lock:
            if self._silent:
                return
            what = title(event)
            if event.status not in (Status.STARTED, Status.RUNNING):
                if self._progress is not None and what in self._tasks:
                    self._progress.remove_task(self._tasks.pop(what))
                return
            progress = self._progress or self._begin()
            if what not in self._tasks:
                self._tasks[what] = progress.add_task(what, total=None)
            if event.line:
                progress.update(self._tasks[what], description=f"{what} {_short(event.line)}")

    def _begin(self) -> Progress:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        progress = Progress(*columns, console=RichConsole(file=sys.stdout), transient=True)
        progress.start()
        self._progress = progress
        return progress

    def above(self, text: str, stream: TextIO, style: str) -> None:
        """Print a line above the display."""
        with self._lock:
            if self._progress is not None:
                self._progress.stop()
                self._progress = None
                self._tasks.clear()
            _print(text, stream, style)

    def stop(self) -> None:
        """Remove the display for good, so that nothing is drawn while an environment changes."""
        with self._lock:
            self._silent = True
            if self._progress is not None:
                self._progress.stop()
                self._progress = None


def _short(line: str) -> str:
    """Return the start of a line, with brackets escaped, which rich would read as markup."""
    return line.strip()[:60].replace("[", "\\[")


def _is_interactive(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb" and "CI" not in os.environ


def _style(level: Level) -> str:
    if level.value >= Level.ERROR.value:
        return _RED
    return _YELLOW if level is Level.WARNING else ""


def _print(text: str, stream: TextIO, style: str) -> None:
    line = f"{style}{text}{_PLAIN}\n" if style else f"{text}\n"
    try:
        stream.write(line)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _discard(stream: TextIO) -> None:
    """Send what `stream` still holds, and what follows, to the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
    stream.flush()


def _append(path: str, text: str) -> None:
    """Append lines to the log file, each with its time, like pip."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))
    lines = "".join(f"{stamp},{int(now * 1000) % 1000:03d} {line}\n" for line in text.split("\n"))
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(lines)
