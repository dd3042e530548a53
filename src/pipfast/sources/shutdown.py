"""End the threads of a run: ask all of them to stop, then wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pipfast.errors import Interrupted

_AROUND: ContextVar[Ending | None] = ContextVar("the end of the run around this one", default=None)


class Ending:
    """Knows how to stop everything that works for a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: list[Callable[[], object]] = []
        self.is_over = False

    def begin(self) -> None:
        """Stop everything, the most recent first; later starts raise Interrupted."""
        with self._lock:
            self.is_over = True
            stops = self._stops[::-1]
        for stop in stops:
            stop()

    @contextmanager
    def reaching(self, stop: Callable[[], object]) -> Iterator[None]:
        """In this context `stop` is called, from any thread, if the run ends.

        Raises Interrupted if it has ended.
        """
        with self._lock:
            if self.is_over:
                raise Interrupted
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


def is_ending() -> bool:
    """Return whether the run that this thread works for is ending."""
    around = _AROUND.get()
    return around is not None and around.is_over


@contextmanager
def ending() -> Iterator[Ending]:
    """Yield the end of a run, which starts with the block's or the enclosing run's."""
    own, around = Ending(), _AROUND.get()
    token = _AROUND.set(own)
    try:
        if around is None:
            yield own
        else:
            with around.reaching(own.begin):
                yield own
    finally:
        own.begin()
        _AROUND.reset(token)
