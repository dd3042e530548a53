"""Work done ahead or side by side, whose lines are said in the order in which pip would work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextvars import copy_context
from typing import TypeVar

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.model.events import Event, Listener, Message, Said, Transfer, Work
from pipfast.model.frozen_dataclass import replace

T = TypeVar("T")


class Relay:
    """A listener that keeps what it hears until its turn comes, and passes it on from then on."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit
        self._held: list[Event] | None = []
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Take an event."""
        with self._lock:
            if self._held is None:
                self._emit(event)
            elif not isinstance(event, Transfer):  # bytes on their way are no news afterwards
                self._held.append(event)

    def open(self) -> None:
        """Pass on what was heard, and what will be."""
        with self._lock:
            held, self._held = self._held or [], None
            for event in held:
                self._emit(event)


def outdented(emit: Listener) -> Listener:
    """A listener that passes on what is said of a step as of one that stands by itself."""

    def listen(event: Event) -> None:
        if isinstance(event, Message):
            event = replace(event, depth=max(0, event.depth - 1))
        elif isinstance(event, Said | Work):
            lines = event.text.split("\n")
            event = replace(event, text="\n".join(line.removeprefix("  ") for line in lines))
        emit(event)

    return listen


class Turns:
    """Pieces of work on a few threads, each with a relay that is opened when it is asked for."""

    def __init__(self, emit: Listener, threads: int) -> None:
        self._emit = emit
        self._pool = ThreadPool(threads, copy_context())  # it names the build around this one
        self._relays: dict[Hashable, Relay] = {}

    def begin(
        self,
        key: Hashable,
        work: Callable[[Listener], T],
        after: Callable[[T], object] | None = None,
    ) -> bool:
        """Have `work` done soon, if nothing was begun under `key` yet; whether it was not."""
        if key in self._pool:
            return False
        relay = self._relays[key] = Relay(self._emit)
        return self._pool.submit(key, lambda: work(relay), after)

    def result(self, key: Hashable, work: Callable[[Listener], T]) -> T:
        """What the work under `key` came to, its lines said; done now if nobody has begun it.

        Raises what the work raised.
        """
        relay = self._relays.setdefault(key, Relay(self._emit))
        relay.open()
        return self._pool.result(key, lambda: work(relay))

    def went_well(self, key: Hashable) -> bool:
        """Whether the work under `key` came to something, once it is over."""
        return self._pool.succeeded(key)

    def forget(self, key: Hashable) -> None:
        """Say nothing of the work under `key`, and let it be done anew."""
        self._relays.pop(key, None)
        self._pool.discard(key)

    def close(self) -> None:
        """Send the threads home once they are done with what they are at; nothing is waited for."""
        self._pool.close()

    def join(self, patience: float) -> None:
        """Wait, once closed, until the threads are home, for at most `patience` seconds."""
        self._pool.join(patience)
