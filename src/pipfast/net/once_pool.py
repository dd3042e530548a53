"""Work done ahead on a few threads, each piece once, and by whoever comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from queue import SimpleQueue
from time import monotonic
from typing import Generic, TypeVar, cast

T = TypeVar("T")

THREADS = 24
"""How many pieces are under way at once: they mostly wait for a server."""


class _Flight(Generic[T]):
    """One piece of work; `claim` is taken by the thread that does it."""

    __slots__ = ("after", "claim", "done", "fault", "value", "work")

    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.after: Callable[[T], object] | None = None
        self.claim = threading.Lock()
        self.done = threading.Event()
        self.value: T | None = None
        self.fault: BaseException | None = None

    def run(self) -> bool:
        """Do the work, unless another thread has taken it; whether it was done here."""
        if not self.claim.acquire(blocking=False):
            return False
        try:
            self.value = self.work()
        except BaseException as fault:  # noqa: BLE001 - it is raised where the result is wanted
            self.fault = fault
        self.done.set()
        return True

    def follow_up(self) -> None:
        """Do what is to be done with the value, if there is one."""
        if self.after is not None and self.fault is None:
            self.after(cast("T", self.value))

    def result(self) -> T:
        self.run()
        self.done.wait()
        if self.fault is not None:
            raise self.fault
        return cast("T", self.value)


class Flights:
    """A crew of daemon threads, hired as the work needs them.

    Whoever wants a result that nobody has begun does the work himself, so nobody waits for a
    free thread, and no thread is started for a run that needs only what is at hand.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._most = threads
        self._hired = 0
        self._idle = 0
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Flight[object] | None] = SimpleQueue()
        self._flights: dict[Hashable, _Flight[object]] = {}
        self._crew: list[threading.Thread] = []
        self._closed = False

    def begin(
        self, key: Hashable, work: Callable[[], T], after: Callable[[T], object] | None = None
    ) -> bool:
        """Have `work` done soon, if nothing was begun under `key` yet; whether it was not.

        `after` is called with the result, in a thread of the crew, once it can be had.
        """
        flight, new = self._flight(key, work)
        if new:
            flight.after = cast("Callable[[object], object] | None", after)
            with self._lock:
                if self._idle <= self._queue.qsize() and self._hired < self._most:
                    self._hired += 1
                    thread = threading.Thread(target=self._serve, daemon=True)
                    thread.start()
                    self._crew.append(thread)  # only now: `join` may look at any moment
            self._queue.put(flight)
        return new

    def result(self, key: Hashable, work: Callable[[], T]) -> T:
        """What the work under `key` came to; it is done here and now if nobody has begun it.

        Raises what the work raised.
        """
        flight, _ = self._flight(key, work)
        return cast("T", flight.result())

    def has(self, key: Hashable) -> bool:
        """Whether something was begun under `key`."""
        return key in self._flights

    def is_done(self, key: Hashable) -> bool:
        """Whether the result under `key` can be had without waiting."""
        flight = self._flights.get(key)
        return flight is not None and flight.done.is_set()

    def put(self, key: Hashable, value: object) -> None:
        """Note a result that is at hand already."""
        flight, new = self._flight(key, lambda: value)
        if new:
            flight.run()

    def went_well(self, key: Hashable) -> bool:
        """Whether the work begun under `key` raised nothing; it is waited for.

        Raises what is no matter of the work: somebody wants the run to end.
        """
        flight = self._flights[key]
        flight.run()
        flight.done.wait()
        if flight.fault is not None and not isinstance(flight.fault, Exception):
            raise flight.fault
        return flight.fault is None

    def forget(self, key: Hashable) -> None:
        """Let the work under `key` be done anew by the next who wants it."""
        with self._lock:
            self._flights.pop(key, None)

    def close(self) -> None:
        """Send the threads home once they are done with what they are at; the rest is not begun."""
        self._closed = True
        for _ in range(self._hired):
            self._queue.put(None)

    def join(self, patience: float) -> None:
        """Wait, once closed, until the threads are home, for at most `patience` seconds."""
        until = monotonic() + patience
        for thread in self._crew:
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - monotonic()))

    def _flight(self, key: Hashable, work: Callable[[], object]) -> tuple[_Flight[object], bool]:
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = _Flight(work)
            return flight, True

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            flight = self._queue.get()
            with self._lock:
                self._idle -= 1
            if flight is None or self._closed:
                return
            if flight.run():
                flight.follow_up()
            elif flight.after is not None:
                flight.done.wait()  # somebody was in a hurry and is doing it himself
                flight.follow_up()
