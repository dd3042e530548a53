"""The end of a run, for all who work for it in threads: they are told, and then waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pipfast.errors import Interrupted

_AROUND: ContextVar[Ending | None] = ContextVar("the end of the run around this one", default=None)


class Ending:
    """Knows how everything that works for a run is made to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: list[Callable[[], object]] = []
        self.is_over = False

    def begin(self) -> None:
        """Make all stop, the last to start first; whoever would start now is interrupted."""
        with self._lock:
            self.is_over = True
            stops = self._stops[::-1]
        for stop in stops:
            stop()

    @contextmanager
    def reaching(self, stop: Callable[[], object]) -> Iterator[None]:
        """Within it `stop` is called, from whatever thread, if the run comes to its end.

        Raises Interrupted if that has come.
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
    """Whether the run that this thread works for comes to its end."""
    around = _AROUND.get()
    return around is not None and around.is_over


@contextmanager
def ending() -> Iterator[Ending]:
    """The end of a run, which begins with the block's own and with that of a run around it."""
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
