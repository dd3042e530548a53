"""What is emitted of a choice that is surprisingly old, and when nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import Advice
from pipfast.report.hint_text import joined
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.old_version_notice import _is_much_older
from tests.resolve.world import World

Index = Mapping[str, Mapping[str, Sequence[str]]]
OLD: Index = {
    "app": {
        "0.2": [],
        **{version: ["num<2"] for version in ("0.7", "0.8", "0.9")},
    },
    "num": {"1.0": [], "2.0": []},
    "peer": {"1": ["num>=2"]},
}


def remarks(world: World) -> list[str]:
    return [text for text in world.emitted if "older than" in text]


@pytest.mark.parametrize(
    ("wanted", "constraints", "remark"),
    [
        (
            ["app", "num==2.0"],
            [],
            "num<2; that conflicts with num==2.0 (your requirement); for a newer one, loosen that "
            "requirement",
        ),
        (
            ["app"],
            ["num>=2"],
            "num<2; that conflicts with num>=2 (your constraint); for a newer one, loosen that "
            "requirement",
        ),
        (
            ["peer", "app"],
            [],
            "num<2; that conflicts with num>=2 (of peer 1); for a newer one, if there is any, "
            "require 'app>0.2'",
        ),
    ],
)
def test_an_old_choice_is_told_with_what_excluded_the_newer_ones(
    wanted: list[str], constraints: list[str], remark: str
) -> None:
    world = World(OLD)
    assert world.pins(*wanted, constraints=constraints)["app"] == "0.2"
    assert remarks(world) == [f"app 0.2 is chosen, much older than 0.9, which needs {remark}"]


def test_releases_that_need_what_is_nowhere_are_told_so() -> None:
    releases = {"1": [], **{version: ["gone"] for version in ("2", "3", "4")}}
    world = World({"app": releases})
    world.pins("app")
    assert remarks(world) == [
        "app 1 is chosen, much older than 4, which needs gone, and no release satisfies that; for "
        "a newer one, require 'app>1'"
    ]


def test_what_a_dependency_needs_counts_for_whom_it_is_there() -> None:
    index: dict[str, dict[str, list[str]]] = {
        "app": {"1": [], **{version: [f"mid=={version}"] for version in ("2", "3", "4")}},
        "mid": {version: ["num<2"] for version in ("2", "3", "4")},
        "num": {"1.0": [], "2.0": []},
    }
    world = World(index)
    assert world.pins("app", "num>=2")["app"] == "1"
    assert remarks(world) == [
        "app 1 is chosen, much older than 4, which needs num<2 (of mid 4); that conflicts with "
        "num>=2 (your requirement); for a newer one, loosen that requirement"
    ]


@pytest.mark.parametrize(
    ("releases", "wanted"),
    [
        (["0.2", "0.8", "0.9"], ["app", "num==2.0"]),  # only two were refused
        (["0.9.0", "0.9.1", "0.9.2", "0.9.3"], ["app", "num==2.0"]),  # the same series
        (["0.2", "0.7rc1", "0.8rc1", "0.9rc1"], ["app>=0.1rc1", "num==2.0"]),  # never final
        (["0.2", "0.7", "0.8", "0.9"], ["app<0.3", "num==2.0"]),  # as the user wanted it
        (["0.2", "0.7", "0.8", "0.9"], ["top", "num==2.0"]),  # nobody has asked for it
    ],
)
def test_an_ordinary_choice_is_not_spoken_of(releases: list[str], wanted: list[str]) -> None:
    first, *newer = releases
    index = {**OLD, "app": {first: [], **{version: ["num<2"] for version in newer}}}
    world = World({**index, "top": {"1": ["app"]}})
    assert world.pins(*wanted)["app"] == first
    assert remarks(world) == []


DAY = datetime(2024, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("old", "new", "days", "much_older"),
    [
        ("1.0", "1.9", 100, False),
        ("1.0", "1.9", 366, True),
        ("1.0", "2.0", 100, True),
        ("1.0", "1!1.0", 100, True),
        ("0.2.5", "0.9.2", 100, True),
        ("0.9.1", "0.9.2", 100, False),
        ("0.0", "0.0.1", 100, True),
        ("1.0", "1.9", None, False),
    ],
)
def test_a_release_is_much_older_a_year_or_a_series_before(
    old: str, new: str, days: int | None, much_older: bool
) -> None:
    later = None if days is None else DAY + timedelta(days=days)
    assert _is_much_older(Version(old), Version(new), DAY, later) is much_older


class _OldOneBreaks(World):
    def read(
        self, candidate: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        if candidate.link.filename.startswith("app-0.2"):
            raise InstallationError("it does not build")
        return super().read(candidate, install_req, digests)


def test_a_failure_of_an_old_release_says_why_it_was_tried() -> None:
    with pytest.raises(InstallationError, match="does not build") as failure:
        _OldOneBreaks(OLD).pins("app", "num==2.0")
    assert joined(failure.value.remedies).startswith(
        "app 0.2 was tried, much older than 0.9, which needs num<2"
    )


def test_where_a_failure_has_a_hint_of_its_own_the_reason_is_said_before_it() -> None:
    class HintingOne(_OldOneBreaks):
        def read(
            self,
            candidate: Distribution,
            install_req: InstallRequirement,
            digests: Sequence[Digest],
        ) -> Metadata:
            try:
                return super().read(candidate, install_req, digests)
            except InstallationError as failure:
                failure.remedies = (Advice("set something"),)
                raise

    world = HintingOne(OLD)
    with pytest.raises(InstallationError) as failure:
        world.pins("app", "num==2.0")
    assert joined(failure.value.remedies) == "set something"
    assert [text.partition(",")[0] for text in remarks(world)] == ["app 0.2 was tried"]
