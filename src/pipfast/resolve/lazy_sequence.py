"""A sequence that is computed as far as it is iterated, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class LazySequence(Generic[T]):
    """The items of `source`, which is advanced only when an iteration needs its next item.

    If `source` raises an exception, every iteration that reaches that point raises it.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._items: list[T] = []
        self._error: Exception | None = None
        self._exhausted = False

    @property
    def complete(self) -> tuple[T, ...] | None:
        """All items; None if `source` is not exhausted."""
        return tuple(self._items) if self._exhausted else None

    def __iter__(self) -> Iterator[T]:
        index = 0
        while index < len(self._items) or self._advance():
            yield self._items[index]
            index += 1

    def _advance(self) -> bool:
        """Append the next item of `source`; return False if there is none."""
        if self._error is not None:
            raise self._error
        if self._exhausted:
            return False
        try:
            self._items.append(next(self._source))
        except StopIteration:
            self._exhausted = True
        except Exception as error:
            self._error = error
            raise
        return not self._exhausted
