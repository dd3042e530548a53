from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from pipfast.fetch.prefetch import Prefetcher
from pipfast.index.finder import Finder
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.session.port_adapters import Environment, Index, WrongProject, satisfied_by_installed

OTHER = canonicalize_name("other")


@pytest.fixture
def index() -> Index:
    nobody = object.__new__
    return Index(nobody(Finder), nobody(Prefetcher), SelectionPolicy(), [Tag("py3", "none", "any")])


def test_a_remote_wheel_must_belong_to_the_named_project(index: Index) -> None:
    link = Link(url="https://h/demo-1.0-py3-none-any.whl")
    with pytest.raises(WrongProject, match="is a wheel of 'demo', not of 'other'"):
        index.direct(link, OTHER)


def test_a_local_wheel_is_checked_by_its_metadata(index: Index) -> None:
    link = Link(url="file:///h/demo-1.0-py3-none-any.whl")
    assert index.direct(link, OTHER).name == OTHER


@pytest.mark.parametrize(
    ("requirement", "policy", "requested", "stays"),
    [
        ("other>=1", SelectionPolicy(), True, True),
        ("Other[x]", SelectionPolicy(), False, True),
        ("other>1.5", SelectionPolicy(), True, False),
        ("other", SelectionPolicy(upgrade=Upgrade.REQUESTED), True, False),
        ("other", SelectionPolicy(upgrade=Upgrade.REQUESTED), False, True),
        ("other", SelectionPolicy(upgrade=Upgrade.EVERYTHING), False, False),
        ("other", SelectionPolicy(existing=Existing.REINSTALL), False, False),
        ("another", SelectionPolicy(), False, False),
    ],
)
def test_no_index_is_requested_for_what_an_installed_distribution_satisfies(
    requirement: str, policy: SelectionPolicy, requested: bool, stays: bool
) -> None:
    here = Installed(name=OTHER, raw_name="other", version="1.5rc1", location="", info="")
    judge = satisfied_by_installed(
        Environment({OTHER: here}), policy, {OTHER} if requested else set()
    )
    assert judge(Requirement(requirement)) is stays
