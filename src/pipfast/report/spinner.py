"""Output for running subprocesses: pip's spinner as lines, or as one line on a terminal."""

from __future__ import annotations

import time
from _thread import allocate_lock  # threading.Lock without the rest of its module
from collections.abc import Callable

from pipfast.model.events import Status, Work

KEEP_ALIVE = 60.0
"""Seconds between lines that say that a program is still running (pip behaviour)."""


def title(event: Work) -> str:
    """Return the title of a step, indented by its depth."""
    return "  " * event.depth + event.step


class SpinnerLines:
    """Converts events of subprocesses to the lines that pip logs.

    On a `terminal` a step is one line, printed at its end. `clock` returns seconds.
    """

    def __init__(self, *, terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._told: dict[str, float] = {}
        self._lock = allocate_lock()

    def line(self, event: Work) -> str | None:
        """Return the line for `event`, None if there is none."""
        text = title(event)
        with self._lock:
            match event.status:
                case Status.STARTED:
                    self._told[text] = self._clock()
                    return None if self._terminal else f"{text}: started"
                case Status.RUNNING:
                    return None if self._terminal else self._still(text)
                case Status.DONE | Status.ERROR | Status.CANCELED:
                    self._told.pop(text, None)
                    how = event.status.value
                    if self._terminal:
                        return f"{text} ... {how}"
                    return f"{text}: finished with status '{how}'"

    def _still(self, text: str) -> str | None:
        now = self._clock()
        if now - self._told.get(text, now) < KEEP_ALIVE:
            return None
        self._told[text] = now
        return f"{text}: {Status.RUNNING.value}"
