from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from pipfast.resolve.lazy_sequence import LazySequence


def test_nothing_is_found_out_before_somebody_looks_and_nothing_twice() -> None:
    done: list[int] = []

    def found() -> Iterator[int]:
        for number in range(3):
            done.append(number)
            yield number

    gradual = LazySequence(found())
    assert list(islice(gradual, 2)) == [0, 1]
    assert done == [0, 1]
    assert gradual.whole is None
    assert list(gradual) == list(gradual) == [0, 1, 2]
    assert done == [0, 1, 2]
    assert gradual.whole == (0, 1, 2)


def test_a_failure_is_met_by_everybody_who_comes_as_far() -> None:
    def found() -> Iterator[int]:
        yield 0
        raise ValueError("here")

    gradual = LazySequence(found())
    assert next(iter(gradual)) == 0
    for _ in range(2):
        with pytest.raises(ValueError, match="here"):
            list(gradual)
    assert gradual.whole is None
