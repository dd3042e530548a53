"""A source that is being built is not begun again by what its build needs."""

from __future__ import annotations

import pytest

from pipfast.model.link import Link
from pipfast.sources.build_tracker import AlreadyBeingBuilt, being_built

ONE, OTHER = Link(url="file:///d/one-1.tar.gz"), Link(url="file:///d/other-1.tar.gz")


def test_a_source_is_refused_within_its_own_build() -> None:
    with (
        being_built(ONE, "one from file:///d/one-1.tar.gz"),
        being_built(OTHER, "other"),
        pytest.raises(AlreadyBeingBuilt) as refused,
        being_built(ONE, "one>=1"),
    ):
        raise AssertionError("it was begun")
    assert str(refused.value) == (
        "LookupError: file:///d/one-1.tar.gz is already being built: "
        "one from file:///d/one-1.tar.gz"
    )


def test_a_source_may_be_built_again_when_its_build_is_over() -> None:
    for _ in range(2):
        with being_built(ONE, "one"):
            pass
    with pytest.raises(OSError, match="disk"), being_built(ONE, "one"):
        raise OSError("disk")
    with being_built(ONE, "one"):
        pass
