"""A run's own ear: what its rooms say passes through it, or waits until it is known to matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from pipfast.model.events import Event, Listener, Message, Said, Transfer

T = TypeVar("T")


class Hearing:
    """A listener that passes on what it hears; `heard` are the lines among that."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit
        self._is_hushed = False
        self._waiting: list[list[Event]] = []
        self.heard: list[Message | Said] = []

    def __call__(self, event: Event) -> None:
        """Pass on an event, unless something else was asked for."""
        if self._is_hushed:
            return
        if self._waiting and not isinstance(event, Transfer):  # bytes on their way do not wait
            self._waiting[-1].append(event)
            return
        if isinstance(event, Message | Said):
            self.heard.append(event)
        self._emit(event)

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """While this lasts nothing is passed on, whoever says it."""
        self._is_hushed = True
        try:
            yield
        finally:
            self._is_hushed = False

    def listening(self, work: Callable[[], T]) -> tuple[T, Sequence[Event]]:
        """What `work` comes to, and what was heard meanwhile, which nobody else has heard."""
        waiting: list[Event] = []
        self._waiting.append(waiting)
        try:
            return work(), waiting
        finally:
            self._waiting.pop()
