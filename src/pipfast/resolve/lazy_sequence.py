"""What is found out one by one, as far as somebody looks, and kept for whoever looks again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class LazySequence(Generic[T]):
    """What `source` yields; whoever stops early lets the rest be.

    An exception that it raises is raised again whenever somebody comes as far.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._drawn: list[T] = []
        self._failure: Exception | None = None
        self._over = False

    @property
    def whole(self) -> tuple[T, ...] | None:
        """All of it, None while there may be more."""
        return tuple(self._drawn) if self._over else None

    def __iter__(self) -> Iterator[T]:
        place = 0
        while place < len(self._drawn) or self._draw():
            yield self._drawn[place]
            place += 1

    def _draw(self) -> bool:
        if self._failure is not None:
            raise self._failure
        if self._over:
            return False
        try:
            self._drawn.append(next(self._source))
        except StopIteration:
            self._over = True
        except Exception as failure:
            self._failure = failure
            raise
        return not self._over
