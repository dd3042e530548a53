"""Run one function over a sequence in parallel, largest item first, with cancellation by order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

from pipfast.concurrency.thread_pool import Postponed, ThreadPool

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

        What has to ask the user runs in the caller's thread, in the order of the items.

        `work` gets the item and a function that returns whether the item was cancelled meanwhile.
        """
        rows = self._items
        while rows:
            postponed = []
            for outcome in self._run(rows, work):
                if isinstance(outcome[1], Postponed):
                    postponed.append(outcome[0])
                else:
                    yield outcome
            rows = [row for row in self._items if row[0] in postponed]
            if rows:  # the first may ask the user, and the others go on with the answer
                first = min(rows, key=lambda row: row[0])
                rows.remove(first)
                asked = self._outcome(first, work)
                if asked is not None:
                    yield asked

    def _run(
        self, rows: Sequence[tuple[int, T]], work: Callable[[T, Callable[[], bool]], R]
    ) -> Iterator[Outcome[R]]:
        done: SimpleQueue[Outcome[R] | None] = SimpleQueue()
        pool = ThreadPool(self._threads)
        try:
            for row in rows:
                run = lambda row=row: done.put(self._outcome(row, work))  # noqa: E731
                pool.submit(row[0], run)
            for _ in rows:
                pool.run_queued_if_alone()
                outcome = done.get()
                if outcome is not None and outcome[0] <= self._last:
                    yield outcome
        finally:
            pool.close()

    def _outcome(
        self, row: tuple[int, T], work: Callable[[T, Callable[[], bool]], R]
    ) -> Outcome[R] | None:
        """Return the outcome of an item, None for a cancelled one."""
        position, item = row
        if position > self._last:
            return None
        try:
            return position, work(item, lambda: position > self._last)
        except BaseException as error:  # noqa: BLE001 - it is the outcome
            return position, error

    def cancel_after(self, position: int) -> None:
        """Cancel the items behind `position`: they do not start, and running ones should stop."""
        self._last = min(self._last, position)
