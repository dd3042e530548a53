"""Run work ahead and in parallel; emit its events in the order in which pip would work."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import copy_context
from typing import TypeVar

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.model.event_log import EventLog
from pipfast.model.events import Event, Listener

T = TypeVar("T")


class OrderedTasks:
    """Keyed tasks on a few threads; the events of each are held until its result is requested."""

    def __init__(self, emit: Listener, threads: int) -> None:
        self._emit = emit
        self._pool = ThreadPool(threads, copy_context())  # it names the enclosing build
        self._logs: dict[Hashable, EventLog] = {}

    def begin(
        self,
        key: Hashable,
        work: Callable[[Listener], T],
        after: Callable[[T], object] | None = None,
    ) -> bool:
        """Submit `work` unless the task `key` exists; return whether it is new."""
        if key in self._pool:
            return False
        # another thread may have begun it meanwhile, with the log that `result` releases
        log = self._logs.setdefault(key, EventLog(self._emit, held=True))
        return self._pool.submit(key, _repeatable(work, log), after)

    def result(self, key: Hashable, work: Callable[[Listener], T]) -> T:
        """Return the result of the task `key` and emit its events; run it here if it is not begun.

        Raises what the task raised.
        """
        log = self._logs.setdefault(key, EventLog(self._emit, held=True))
        log.release()
        return self._pool.result(key, _repeatable(work, log))

    def outcome(self, key: Hashable) -> object:
        """Wait for the task `key` and return its result; None if it raised. Emits no events."""
        return self._pool.result(key, lambda: None) if self._pool.succeeded(key) else None

    def forget(self, key: Hashable) -> None:
        """Drop the events of the task `key`, and allow it to be repeated."""
        self._logs.pop(key, None)
        self._pool.discard(key)

    def close(self) -> None:
        """Start no more tasks. Does not wait."""
        self._pool.close()

    def join(self, patience: float) -> None:
        """After `close`, wait for running tasks for at most `patience` seconds."""
        self._pool.join(patience)


def _repeatable(work: Callable[[Listener], T], log: Listener) -> Callable[[], T]:
    """Return `work` with its listener; if it is repeated, no event is emitted twice."""
    emitted = 0

    def run() -> T:
        at = 0

        def listen(event: Event) -> None:
            nonlocal emitted, at
            at += 1
            if at > emitted:
                emitted = at
                log(event)

        return work(listen)

    return run
