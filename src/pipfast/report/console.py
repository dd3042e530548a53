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
    Phase,
    Question,
    RequirementUnreadable,
    Stage,
    Transfer,
    Unprepared,
    Work,
)
from pipfast.report.render import Line, line_of
from pipfast.report.spinner import SpinnerLines

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from pipfast.report.progress import Progress

LOUDNESS = {-3: Level.CRITICAL, -2: Level.ERROR, -1: Level.WARNING, 0: Level.INFO, 1: Level.VERBOSE}
"""The lowest level that is shown, by verbosity (`-v` minus `-q`)."""

_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class Console:
    """Prints messages of sufficient level: warnings and errors on stderr, others on stdout.

    `log` is a file that receives all messages with their time (`--log`). Progress is shown on a
    terminal; elsewhere as lines on standard error, but not if `is_parity`, because programs compare
    them with pip's.
    """

    def __init__(
        self,
        *,
        verbosity: int = 0,
        color: bool = True,
        log: str | None = None,
        progress_bar: str = "auto",
        is_parity: bool = True,
    ) -> None:
        least = LOUDNESS.get(max(verbosity, -3), Level.DEBUG)
        self._least = least.value
        self._hears_libraries = least not in (Level.INFO, Level.ERROR)  # pip's levels for them
        self._color = color and "NO_COLOR" not in os.environ
        self._log = log
        self._printed: list[Line] = []
        self._lock = allocate_lock()
        wanted = progress_bar in ("on", "auto") and self._least <= Level.INFO.value
        self.draws_bars = wanted
        self._progress: Progress | None = None
        self._shows_progress = wanted and (_terminal() is not None or not is_parity)
        self._times = self._shows_progress and (_terminal() is not None or verbosity > 0)
        self._steps = SpinnerLines(terminal=sys.stdout.isatty() and self._least <= Level.INFO.value)

    def __call__(self, event: Event) -> None:
        """Handle an event of any package, from any thread."""
        match event:
            case Message():
                if self._receives(event):
                    self._add(line_of(event))
            case Stage() | Transfer():
                if self._shows_progress:
                    self._shown_progress().take(event)
            case Work():
                self._work(event)
            case Question(begins=begins):
                if self._progress is not None:
                    self._progress.pause() if begins else self._progress.resume()
            case Discarded() | RequirementUnreadable() | Unprepared():
                pass  # a message reports it too

    def _receives(self, event: Message | Line) -> bool:
        """Return whether anyone will read an event: only then is its text made."""
        if event.of_library and not self._hears_libraries:
            return False
        return self.reads(event.level)

    def reads(self, level: Level) -> bool:
        """Return whether messages of `level` are printed, or written to the log file."""
        return self._log is not None or level.value >= self._least

    def begin(self) -> None:
        """Show on a terminal that the run has begun, before the first real event."""
        if self._shows_progress and _terminal() is not None:
            self(Stage(Phase.RESOLVE, 0, 0))

    def _shown_progress(self) -> Progress:
        """Return the progress display; it begins with the first event."""
        with self._lock:
            if self._progress is None:
                from pipfast.report.progress import Progress  # few commands have any

                stream = _terminal()
                redraws = stream is not None and _can_redraw()
                self._progress = Progress(stream or sys.stderr, redraws=redraws)
            return self._progress

    def _add(self, line: Line) -> None:
        with self._lock:
            self._printed.append(line)
            self._write(line)

    def _work(self, event: Work) -> None:
        if self._shows_progress:
            self._shown_progress().take(event)
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
        line = Line(level, text)
        if self._receives(line):
            self._add(line)

    def print(self, text: str) -> None:
        """Print requested output, whatever the verbosity."""
        with self._lock:
            self._above(lambda: _print(text, sys.stdout, ""))

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
            self._above(lambda: _print(text, sys.stderr, ""))

    def quieten(self) -> None:
        """Remove the progress display; messages are still printed."""
        if self._progress is not None:
            self._progress.stop()

    def finish(self) -> None:
        """Remove the progress display, and print where the time went, on standard error."""
        if self._progress is None:
            return
        self._progress.stop()
        text = self._progress.summary()
        if self._times and text:
            with self._lock:
                _print(text, sys.stderr, "")

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
        style = _style(line.level) if self._color and stream.isatty() else ""
        self._above(lambda: _print(text, stream, style))

    def _above(self, write: Callable[[], None]) -> None:
        """Call `write` while no progress is shown."""
        if self._progress is None:
            write()
        else:
            self._progress.above(write)


def shows_hints(*, pip_compat: bool) -> bool:
    """Return whether hints on failures are shown: in parity mode on a terminal only.

    Without a terminal, programs compare what a run in parity mode prints with what pip prints.
    """
    return not pip_compat or sys.stderr.isatty()


def _terminal() -> TextIO | None:
    """Return the standard stream that is a terminal, None if neither is."""
    return next((each for each in (sys.stdout, sys.stderr) if each.isatty()), None)


def _can_redraw() -> bool:
    """Return whether a line of the terminal can be drawn again; logs of CI keep every drawing."""
    return os.environ.get("TERM") != "dumb" and "CI" not in os.environ


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
    stamp = f"{stamp},{int(now * 1000) % 1000:03d}"
    lines = "".join(f"{stamp} {line}" for line in text.splitlines(keepends=True)) + "\n"
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(lines)
