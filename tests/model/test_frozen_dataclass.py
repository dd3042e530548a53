"""Values mean what the same classes mean as dataclasses."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from pipfast.model import frozen_dataclass as value

Maker = Callable[..., Any]
BOTH = pytest.mark.parametrize("made_by", [dataclasses, value], ids=["dataclasses", "value"])


@pytest.fixture(autouse=True, params=[0, value._FEW], ids=["compiled", "few"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test the compiled `__init__`, and the one that the first values of a class use."""
    monkeypatch.setattr(value, "_FEW", request.param)


def world(made_by: Any) -> dict[str, type]:
    """The same classes, made by either module."""

    @made_by.dataclass(frozen=True, slots=True)
    class Point:
        """Two numbers."""

        kind: ClassVar[str] = "flat"
        x: int
        y: int = 2
        tags: list[str] = made_by.field(default_factory=list, kw_only=True)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @made_by.dataclass(frozen=True, slots=True, kw_only=True)
    class Solid(Point):
        z: int = 0

    @made_by.dataclass(slots=True)
    class Counter:
        start: int
        count: int = made_by.field(init=False)
        hidden: str = made_by.field(default="h", repr=False)

        def __post_init__(self) -> None:
            self.count = self.start * 2

    @made_by.dataclass(frozen=True, slots=True, order=True)
    class Version:
        major: int
        minor: int = 0

    @made_by.dataclass(frozen=True, slots=True, eq=False)
    class Node:
        name: str

    @made_by.dataclass(frozen=True, slots=True)
    class Spoken:
        text: str

        def __str__(self) -> str:
            return self.text

        def __repr__(self) -> str:
            return f"<{self.text}>"

    kinds: list[type] = [Point, Solid, Counter, Version, Node, Spoken]
    return {kind.__name__: kind for kind in kinds}


CASES: list[Callable[[dict[str, Any]], object]] = [
    lambda w: repr(w["Point"](1)).rpartition(".")[2],
    lambda w: repr(w["Solid"](x=1, z=3)).rpartition(".")[2],
    lambda w: repr(w["Counter"](4)).rpartition(".")[2],
    lambda w: repr(w["Spoken"]("a")) + str(w["Spoken"]("b")),
    lambda w: w["Point"](1) == w["Point"](1, 2),
    lambda w: w["Point"](1) == w["Point"](1, 3),
    lambda w: w["Point"](1) == w["Solid"](x=1),
    lambda w: w["Point"](1) == 1,
    lambda w: hash(w["Version"](1)) == hash(w["Version"](1, 0)),
    lambda w: sorted([w["Version"](2), w["Version"](1, 5), w["Version"](1)])[1].minor,
    lambda w: w["Version"](1) < w["Version"](1, 1) <= w["Version"](1, 1),
    lambda w: w["Version"](1) < 3,
    lambda w: w["Node"]("a") == w["Node"]("a"),
    lambda w: len({w["Node"]("a"), w["Node"]("a")}),
    lambda w: hash(w["Counter"](1)),
    lambda w: w["Point"].__match_args__ + w["Solid"].__match_args__ + w["Counter"].__match_args__,
    lambda w: w["Point"].__doc__,
    lambda w: w["Point"](1).sum + w["Solid"](x=2).sum,
    lambda w: w["Point"].kind,
    lambda w: w["Point"](1).tags is w["Point"](1).tags,
    lambda w: w["Point"](),
    lambda w: w["Point"](1, 2, 3),
    lambda w: w["Solid"](1, 2, 3),
    lambda w: w["Point"](1, w=3),
    lambda w: setattr(w["Point"](1), "x", 2),
    lambda w: setattr(w["Counter"](1), "start", 2),
    lambda w: setattr(w["Counter"](1), "other", 2),
    lambda w: w["Point"](1).__dict__,
]


def outcome(case: Callable[[dict[str, Any]], object], made_by: Any) -> object:
    try:
        return case(world(made_by))
    except (TypeError, AttributeError) as error:
        return AttributeError if isinstance(error, AttributeError) else type(error)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_value_is_what_a_dataclass_is(case: Callable[[dict[str, Any]], object]) -> None:
    assert outcome(case, value) == outcome(case, dataclasses)


@BOTH
def test_a_value_with_changes_is_another_value(made_by: Any) -> None:
    solid = world(made_by)["Solid"](x=1, y=5)
    other = made_by.replace(solid, x=7)
    assert (other.x, other.y, other.z, solid.x) == (7, 5, 0, 1)
    assert made_by.replace(world(made_by)["Counter"](1), start=3).count == 6
    with pytest.raises(TypeError):
        made_by.replace(solid, w=1)


@value.dataclass(frozen=True, slots=True)
class Pair:
    """A value at the top of a module, where pickle finds its class."""

    left: int
    right: list[int] = value.field(default_factory=list, kw_only=True)


@value.dataclass(frozen=True, slots=True, kw_only=True)
class Sum(Pair):
    """A value that computes one of its fields."""

    total: int = value.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.left + sum(self.right))


VALUES = [Pair(1, right=[2]), Sum(left=1, right=[2, 3])]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("one", VALUES, ids=["plain", "computed"])
def test_a_frozen_value_can_be_pickled(one: Pair, protocol: int) -> None:
    other = pickle.loads(pickle.dumps(one, protocol))
    assert other == one
    assert other.right is not one.right
    with pytest.raises(AttributeError):
        other.left = 3


@pytest.mark.parametrize("one", VALUES, ids=["plain", "computed"])
def test_a_frozen_value_can_be_copied(one: Pair) -> None:
    assert copy.copy(one) == one
    assert copy.copy(one).right is one.right
    assert copy.deepcopy(one) == one
    assert copy.deepcopy(one).right is not one.right


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace is new in Python 3.13")
@pytest.mark.parametrize("one", VALUES, ids=["plain", "computed"])
def test_a_frozen_value_can_be_replaced_by_the_standard_function(one: Pair) -> None:
    if sys.version_info >= (3, 13):
        assert copy.replace(one, left=5) == value.replace(one, left=5)


def test_the_names_of_the_fields_are_known() -> None:
    assert value.names_of(world(value)["Solid"]) == ("x", "y", "tags", "z")


def test_a_method_that_is_there_is_kept() -> None:
    @value.dataclass(frozen=True, slots=True)
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

    assert Own(1) == Own(2)
    assert hash(Own(1)) == 1
