"""Progress while a run works: a line that is redrawn on a terminal, and lines elsewhere.

No module is imported after the first event: events continue while an environment changes, and an
import could then read files that were just installed.
"""

from __future__ import annotations

import os
import threading
from time import monotonic

from pipfast.model.events import Phase, Stage, Transfer, Work
from pipfast.report.activity import Activity, closing_text, signs_for

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_TICK = 0.12
"""Seconds between two drawings of the line."""

_LINE_EVERY = 10.0
"""Seconds of silence after which a line is printed where no line can be redrawn."""

_ERASE = "\r\x1b[K"
_LEAST_WIDTH = 4
_ONE_LINE = 1000
"""The columns of a stream that is no terminal."""


class Progress:
    """Shows what a run is doing, from events of any thread.

    If `redraws`, it is one line on the terminal `stream`, always erased before anything else is
    printed (`above`). Otherwise a line is printed there after every ten seconds without one.
    """

    def __init__(
        self, stream: TextIO, *, redraws: bool, clock: Callable[[], float] = monotonic
    ) -> None:
        self._stream = stream
        self._redraws = redraws
        self._signs = signs_for(getattr(stream, "encoding", None))
        self._activity = Activity(clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._paused = 0
        self._frame = 0
        self._shown = False
        self._last = clock()
        self._started = False

    def take(self, event: Stage | Transfer | Work) -> None:
        """Show an event."""
        with self._lock:
            self._activity.take(event)
            if self._thread is None and not self._ended.is_set():
                self._started = True
                self._thread = threading.Thread(target=self._tick, daemon=True)
                self._thread.start()

    def _tick(self) -> None:
        wait = _TICK if self._redraws else 1.0
        while not self._ended.wait(wait):
            with self._lock:
                if self._ended.is_set() or self._paused:
                    continue
                try:
                    self._draw() if self._redraws else self._print_if_silent()
                except (OSError, ValueError):
                    return  # nobody can see it

    def _draw(self) -> None:
        self._frame = (self._frame + 1) % len(self._signs.spinner)
        # in the last column, some terminals would begin a new line
        line = self._activity.line(_width(self._stream) - 3, self._signs)
        self._stream.write(f"{_ERASE}{self._signs.spinner[self._frame]} {line}")
        self._stream.flush()
        self._shown = True

    def _print_if_silent(self) -> None:
        if self._clock() - self._last >= _LINE_EVERY:
            self._last = self._clock()
            self._stream.write(f"{self._activity.line(100, self._signs)}\n")
            self._stream.flush()

    def above(self, write: Callable[[], None]) -> None:
        """Print something with `write`, in place of the line."""
        with self._lock:
            self._erase()
            self._last = self._clock()
            write()

    def _erase(self) -> None:
        if self._shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown = False

    def pause(self) -> None:
        """Draw nothing until `resume`: the user is asked."""
        with self._lock:
            self._paused += 1
            self._erase()

    def resume(self) -> None:
        """Draw again."""
        with self._lock:
            self._paused -= 1

    def stop(self) -> None:
        """Erase the line for good."""
        with self._lock:
            self._ended.set()
            try:
                self._erase()
            except (OSError, ValueError):
                self._shown = False

    def summary(self) -> str:
        """Return where the time went; empty if nothing but a resolution was done."""
        times = self._activity.times()
        if not self._started or times.keys() <= {Phase.RESOLVE}:
            return ""
        return closing_text(times, _width(self._stream, otherwise=_ONE_LINE), self._signs)


def _width(stream: TextIO, otherwise: int = 80) -> int:
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    return max(found or otherwise, _LEAST_WIDTH)
