from __future__ import annotations

import pytest
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from pipfast.commands.world import Index, WrongProject
from pipfast.fetch.ahead import Ahead
from pipfast.index.finder import Finder
from pipfast.model.link import Link
from pipfast.policy.selection import SelectionPolicy

OTHER = canonicalize_name("other")


@pytest.fixture
def index() -> Index:
    nobody = object.__new__
    return Index(nobody(Finder), nobody(Ahead), SelectionPolicy(), [Tag("py3", "none", "any")])


def test_a_wheel_on_the_network_must_be_of_the_project_that_was_named(index: Index) -> None:
    link = Link(url="https://h/demo-1.0-py3-none-any.whl")
    with pytest.raises(WrongProject, match="is a wheel of 'demo', not of 'other'"):
        index.direct(link, OTHER)


def test_a_wheel_at_hand_is_judged_by_its_metadata(index: Index) -> None:
    link = Link(url="file:///h/demo-1.0-py3-none-any.whl")
    assert index.direct(link, OTHER).name == OTHER
