"""A listener that holds, captures, drops and records events."""

from __future__ import annotations

from _thread import RLock
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from pipfast.model.events import Event, Level, Listener, Message, Stage, Transfer

T = TypeVar("T")


class EventLog:
    """Forwards events to `emit`, and records the messages among them in `messages`.

    A log that is created `held` forwards nothing until `release`. With `hold_from`, it holds
    everything from the first message of at least that level. Download progress is never held: it
    is dropped while the log is held, and forwarded while events are captured. Events may come from
    several threads.
    """

    def __init__(
        self, emit: Listener, *, held: bool = False, hold_from: Level | None = None
    ) -> None:
        self._emit = emit
        self._hold_from = hold_from
        self._lock = RLock()
        self._held: list[Event] | None = [] if held else None
        self._captures: list[list[Event]] = []
        self._is_muted = False
        self.messages: list[Message] = []

    def __call__(self, event: Event) -> None:
        """Forward, hold, capture or drop an event."""
        with self._lock:
            if self._is_muted:
                return
            if self._held is None and self._starts_holding(event):
                self._held = []
            is_progress = isinstance(event, Transfer | Stage)
            if self._held is not None:
                if not is_progress:
                    self._held.append(event)
            elif self._captures and not is_progress:
                self._captures[-1].append(event)
            else:
                self._forward(event)

    def _starts_holding(self, event: Event) -> bool:
        if self._hold_from is None or not isinstance(event, Message):
            return False
        return event.level.value >= self._hold_from.value

    def _forward(self, event: Event) -> None:
        if isinstance(event, Message):
            self.messages.append(event)
        self._emit(event)

    @property
    def held(self) -> Sequence[Event]:
        """Return the events that are held."""
        return tuple(self._held or ())

    def release(self) -> None:
        """Forward the held events, and from now on all others."""
        with self._lock:
            held, self._held, self._hold_from = self._held or [], None, None
            for event in held:
                self._forward(event)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Drop all events during the block."""
        self._is_muted = True
        try:
            yield
        finally:
            self._is_muted = False

    def capture(self, work: Callable[[], T]) -> tuple[T, Sequence[Event]]:
        """Return the result of `work` and the events during it, which are not forwarded."""
        captured: list[Event] = []
        self._captures.append(captured)
        try:
            return work(), captured
        finally:
            self._captures.pop()

    def without_repeats(self) -> Listener:
        """Return a listener of this log that drops messages which were forwarded before."""

        def listen(event: Event) -> None:
            if not isinstance(event, Message) or event not in self.messages:
                self(event)

        return listen
