"""What is shown of programs at work: pip's spinner in lines, or in one line on a terminal."""

from __future__ import annotations

import time
from _thread import allocate_lock  # what threading.Lock is, without the rest of its module
from collections.abc import Callable

from pipfast.model.events import Status, Work

KEEP_ALIVE = 60.0
"""Seconds of a program's talking after which a line says that it is still at it (pip behaviour)."""


class Steps:
    """Turns the events of programs at work into the lines that pip logs of them.

    On a `terminal` a step is one line, told when it is over. `clock` counts seconds.
    """

    def __init__(self, *, terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._told: dict[str, float] = {}
        self._lock = allocate_lock()

    def line(self, event: Work) -> str | None:
        """The line that `event` is worth, None if it is worth none."""
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
