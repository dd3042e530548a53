"""Output for running subprocesses: pip's spinner as lines, or as one line on a terminal."""

from __future__ import annotations

import time
from _thread import allocate_lock  # threading.Lock without the rest of its module
from collections.abc import Callable

from pipfast.model.events import Status, Work

KEEP_ALIVE = 60.0
"""Seconds between lines that say that a program is still running (pip behaviour)."""


class Steps:
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
        with self._lock:
            match event.status:
                case Status.STARTED:
                    self._told[event.text] = self._clock()
                    return None if self._terminal else f"{event.text}: started"
                case Status.RUNNING:
                    return None if self._terminal else self._still(event.text)
                case Status.DONE | Status.ERROR | Status.CANCELED:
                    self._told.pop(event.text, None)
                    how = event.status.value
                    if self._terminal:
                        return f"{event.text} ... {how}"
                    return f"{event.text}: finished with status '{how}'"

    def _still(self, text: str) -> str | None:
        now = self._clock()
        if now - self._told.get(text, now) < KEEP_ALIVE:
            return None
        self._told[text] = now
        return f"{text}: {Status.RUNNING.value}"
