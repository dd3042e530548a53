"""Run one function over a sequence in parallel, largest item first, with cancellation by order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

from pipfast.concurrency.thread_pool import ThreadPool

T = TypeVar("T")
R = TypeVar("R")

Outcome = tuple[int, "R | BaseException"]
"""The position of an item, and what the function returned or raised for it."""


class ParallelRun(Generic[T]):
    """Calls a function with each of `items` on at most `threads` threads.

    `size` returns how much work an item is, in any unit; the largest items start first.
    """

    def __init__(self, items: Sequence[T], size: Callable[[T], int], threads: int) -> None:
        self._items = sorted(enumerate(items), key=lambda row: -size(row[1]))
        self._threads = threads
        self._last = len(items)

    def run(self, work: Callable[[T, Callable[[], bool]], R]) -> Iterator[Outcome[R]]:
        """Yield the outcome of each item as it is done, except for cancelled items.

        `work` gets the item and a function that returns whether the item was cancelled meanwhile.
        """
        done: SimpleQueue[Outcome[R] | None] = SimpleQueue()

        def run_item(position: int, item: T) -> None:
            if position > self._last:
                done.put(None)
                return
            try:
                done.put((position, work(item, lambda: position > self._last)))
            except BaseException as error:  # noqa: BLE001 - it is the outcome
                done.put((position, error))

        pool = ThreadPool(self._threads)
        try:
            for row in self._items:
                pool.submit(row[0], lambda row=row: run_item(*row))  # type: ignore[misc]
            for _ in self._items:
                pool.run_queued_if_alone()
                outcome = done.get()
                if outcome is not None and outcome[0] <= self._last:
                    yield outcome
        finally:
            pool.close()

    def cancel_after(self, position: int) -> None:
        """Cancel the items behind `position`: they do not start, and running ones should stop."""
        self._last = min(self._last, position)
