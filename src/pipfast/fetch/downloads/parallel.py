"""Pieces of work side by side, the largest begun first; those behind a fault do not count."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Done = tuple[int, "R | BaseException"]
"""The position of a piece of work, and what came of it."""


class Streams(Generic[T]):
    """Works on `pieces` in a few threads; what was not begun can be forgotten, to spare it.

    `size` tells how much work a piece is.
    """

    def __init__(self, pieces: Sequence[T], size: Callable[[T], int], threads: int) -> None:
        rows = sorted(enumerate(pieces), key=lambda row: -size(row[1]))
        self._waiting = rows[::-1]
        self._threads = min(threads, len(rows))
        self._last = len(rows)
        self._lock = threading.Lock()

    def run(self, work: Callable[[T, Callable[[], bool]], R]) -> Iterator[Done[R]]:
        """What comes of each piece as it is done; no more once all that counts is.

        `work` is given a piece and whether it has been forgotten meanwhile.
        """
        done: SimpleQueue[Done[R] | None] = SimpleQueue()
        for _ in range(self._threads):
            threading.Thread(target=self._serve, args=(work, done), daemon=True).start()
        at_work = self._threads
        while at_work:
            result = done.get()
            if result is None:
                at_work -= 1
            elif result[0] <= self._last:
                yield result

    def forget_behind(self, position: int) -> None:
        """Begin nothing, and end what was begun, that stands behind `position`."""
        with self._lock:
            self._last = min(self._last, position)

    def _serve(
        self, work: Callable[[T, Callable[[], bool]], R], done: SimpleQueue[Done[R] | None]
    ) -> None:
        while (row := self._next()) is not None:
            position, piece = row
            try:
                done.put((position, work(piece, lambda at=position: at > self._last)))  # type: ignore[misc]
            except BaseException as fault:  # noqa: BLE001 - for whoever waits
                done.put((position, fault))
        done.put(None)

    def _next(self) -> tuple[int, T] | None:
        with self._lock:
            while self._waiting:
                row = self._waiting.pop()
                if row[0] <= self._last:
                    return row
        return None
