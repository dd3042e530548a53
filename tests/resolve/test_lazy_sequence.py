from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from pipfast.resolve.lazy_sequence import LazySequence


def test_items_are_computed_when_they_are_iterated_and_only_once() -> None:
    done: list[int] = []

    def found() -> Iterator[int]:
        for number in range(3):
            done.append(number)
            yield number

    sequence = LazySequence(found())
    assert list(islice(sequence, 2)) == [0, 1]
    assert done == [0, 1]
    assert sequence.complete is None
    assert list(sequence) == list(sequence) == [0, 1, 2]
    assert done == [0, 1, 2]
    assert sequence.complete == (0, 1, 2)


def test_every_iteration_that_reaches_an_exception_raises_it() -> None:
    def found() -> Iterator[int]:
        yield 0
        raise ValueError("here")

    sequence = LazySequence(found())
    assert next(iter(sequence)) == 0
    for _ in range(2):
        with pytest.raises(ValueError, match="here"):
            list(sequence)
    assert sequence.complete is None
