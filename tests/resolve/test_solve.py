from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.resolve.conflict_report import IMPOSSIBLE
from pipfast.resolve.errors import InvalidInstalledDistribution, NoSolution
from pipfast.resolve.solve import Resolution
from tests.kit.texts import texts
from tests.resolve.world import World

Index = Mapping[str, Mapping[str, Sequence[str]]]
DEMO: Index = {"demo": {"1.0": [], "1.5": [], "2.0": [], "2.1rc1": []}}


def install_order(resolution: Resolution) -> list[str]:
    """Return the names by descending weight, which is the order of installation."""
    return [pin.name for pin in sorted(resolution.pins, key=lambda pin: -pin.weight)]


@pytest.mark.parametrize(
    ("asked", "pinned"),
    [("demo", "2.0"), ("demo<2", "1.5"), ("demo>=2.1rc1", "2.1rc1"), ("demo!=2.0,>1", "1.5")],
)
def test_the_greatest_release_that_fits_is_chosen(asked: str, pinned: str) -> None:
    assert World(DEMO).pins(asked) == {"demo": pinned}


def test_a_dependency_is_resolved_with_its_bounds() -> None:
    world = World({"app": {"1": ["demo<2"]}, **DEMO})
    assert world.pins("app") == {"app": "1", "demo": "1.5"}


def test_a_requirement_whose_marker_fails_is_left_out_and_told() -> None:
    world = World(DEMO)
    assert world.pins("demo; sys_platform == 'win32'") == {}
    assert world.emitted == [
        "Ignoring demo: markers 'sys_platform == \"win32\"' don't match your environment"
    ]


def test_an_older_release_is_taken_when_the_newest_cannot_go_with_the_rest() -> None:
    world = World({"app": {"1": ["demo<2"], "2": ["demo>=2"]}, **DEMO})
    assert world.pins("app", "demo<2") == {"app": "1", "demo": "1.5"}


def test_an_extra_brings_its_own_requirements_and_the_base() -> None:
    world = World({"app": {"1": ["demo; extra == 'full'"]}, **DEMO}, extras={"app": ["full"]})
    assert world.pins("app[full]") == {"app": "1", "demo": "2.0"}
    assert world.pins("app") == {"app": "1"}


def test_an_unknown_extra_is_told_and_ignored() -> None:
    world = World({"app": {"1": []}})
    assert world.pins("app[none]") == {"app": "1"}
    assert world.emitted[-1] == "app 1 does not provide the extra 'none'"


def test_the_extras_asked_for_are_those_of_every_requirement() -> None:
    world = World({"app": {"1": []}, "more": {"1": ["app[two]"]}}, extras={"app": ["one", "two"]})
    pins = {str(one.name): one.extras for one in world.resolve("app[one]", "more").pins}
    assert pins["app"] == {"one", "two"}


def test_a_constraint_bounds_without_asking() -> None:
    world = World(DEMO)
    assert world.pins("demo", constraints=["demo<1.5", "other==1"]) == {"demo": "1.0"}


def test_what_is_installed_stays_and_its_index_page_is_not_asked_for() -> None:
    world = World(DEMO, present={"demo": "1.0"})
    assert world.pins("demo") == {}
    assert world.asked == []
    assert world.emitted == ["Requirement already satisfied: demo in site (1.0)"]


@pytest.mark.parametrize(
    ("upgrade", "pins"),
    [
        (Upgrade.NOTHING, {}),
        (Upgrade.REQUESTED, {"app": "2"}),
        (Upgrade.EVERYTHING, {"app": "2", "demo": "2.0"}),
    ],
)
def test_the_upgrade_strategy_says_what_may_be_replaced(
    upgrade: Upgrade, pins: Mapping[str, str]
) -> None:
    world = World({"app": {"1": ["demo"], "2": ["demo"]}, **DEMO}, {"app": "1", "demo": "1.0"})
    assert world.pins("app", policy=SelectionPolicy(upgrade=upgrade)) == pins


def test_an_installed_release_newer_than_the_index_is_kept_on_upgrade() -> None:
    world = World(DEMO, present={"demo": "3.0"})
    assert world.pins("demo", policy=SelectionPolicy(upgrade=Upgrade.REQUESTED)) == {}


@pytest.mark.parametrize("existing", [Existing.REINSTALL, Existing.IGNORE])
def test_installed_distributions_do_not_count_when_they_are_to_be_replaced(
    existing: Existing,
) -> None:
    world = World(DEMO, present={"demo": "1.0"})
    assert world.pins("demo", policy=SelectionPolicy(existing=existing)) == {"demo": "2.0"}


def test_an_installed_version_that_is_none_ends_the_run() -> None:
    world = World(DEMO, present={"demo": "not-a-version"})
    with pytest.raises(InvalidInstalledDistribution, match="because it has an invalid version"):
        world.pins("demo")


def test_a_yanked_release_is_taken_for_a_pin_alone() -> None:
    world = World({"demo": {"1.0": [], "2.0!": []}})
    assert world.pins("demo") == {"demo": "1.0"}
    assert world.pins("demo==2.0") == {"demo": "2.0"}
    with pytest.raises(NoSolution):
        world.pins("demo>1.0")


def test_a_distribution_of_another_version_than_its_link_says_is_discarded() -> None:
    world = World(DEMO, wrong_metadata={"demo-2.0": "2.0+cpu"})
    assert world.pins("demo") == {"demo": "1.5"}
    assert any(
        line.startswith("Discarding https://files.example/demo-2.0") for line in world.emitted
    )


def test_an_invalid_requirement_in_metadata_passes_the_release_over() -> None:
    world = World({"demo": {"1.0": [], "2.0": ["what is this"]}})
    assert world.pins("demo") == {"demo": "1.0"}
    assert any(line.startswith("Ignoring version 2.0 of demo since") for line in world.emitted)


def test_no_dependencies_are_followed_when_none_are_wanted() -> None:
    world = World({"app": {"1": ["demo"]}, **DEMO})
    assert world.pins("app", policy=SelectionPolicy(dependencies=False)) == {"app": "1"}


def test_only_dependencies_leaves_the_requested_out() -> None:
    world = World({"app": {"1": ["demo"]}, **DEMO})
    assert world.pins("app", policy=SelectionPolicy(only_dependencies=True)) == {"demo": "2.0"}


def test_a_python_that_does_not_fit_is_the_one_error_told() -> None:
    world = World(DEMO, requires_python={"demo-1.0": ">=3.99"})
    with pytest.raises(NoSolution) as caught:
        world.pins("demo==1.0")
    assert caught.value.message == (
        "Package 'demo' requires a different Python: 3.11.7 not in '>=3.99'"
    )


def test_nothing_found_names_the_versions_there_are() -> None:
    world = World({"app": {"1": ["demo>9"]}, **DEMO})
    with pytest.raises(NoSolution) as caught:
        world.pins("app")
    assert caught.value.message == "No matching distribution found for demo>9 (from app)"
    assert texts(caught.value.details) == [
        "Could not find a version that satisfies the requirement demo>9 (from app) "
        "(from versions: 1.0, 1.5, 2.0, 2.1rc1)"
    ]


def test_a_conflict_names_who_asked_for_what() -> None:
    world = World({"app": {"1": ["demo<2"]}, **DEMO})
    with pytest.raises(NoSolution) as caught:
        world.pins("app", "demo==2.0")
    headline, explanation = texts(caught.value.details)
    assert caught.value.message == IMPOSSIBLE
    assert headline == (
        "Cannot install app==1 and demo==2.0 because these package versions have "
        "conflicting dependencies."
    )
    assert "    app 1 depends on demo<2\n" in explanation
    assert "    The user requested demo==2.0\n" in explanation


def test_dependencies_are_installed_before_what_needs_them() -> None:
    world = World({"app": {"1": ["mid"]}, "mid": {"1": ["demo"]}, **DEMO})
    order = install_order(world.resolve("app"))
    assert order == ["demo", "mid", "app"]


def test_a_cycle_has_an_order_too() -> None:
    world = World({"one": {"1": ["two"]}, "two": {"1": ["one", "demo"]}, **DEMO})
    order = install_order(world.resolve("one"))
    assert order[0] == "demo"
    assert set(order) == {"one", "two", "demo"}


names = st.sampled_from(["a", "b", "c", "d"])
versions = st.sampled_from(["1", "2", "3"])
clauses = st.builds("{}{}{}".format, names, st.sampled_from([">=", "<=", "==", "!="]), versions)
releases = st.dictionaries(versions, st.lists(clauses, max_size=2), min_size=1)
small_indexes = st.fixed_dictionaries(dict.fromkeys("abcd", releases))


@settings(deadline=None)
@given(small_indexes, st.lists(clauses, min_size=1, max_size=3))
def test_a_resolution_satisfies_every_requirement(index: Index, asked: list[str]) -> None:
    try:
        pins = World(index).pins(*asked)
    except NoSolution:
        return
    lines = [*asked, *(line for name, version in pins.items() for line in index[name][version])]
    for line in lines:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[requirement.name])


@settings(deadline=None)
@given(small_indexes, st.lists(clauses, min_size=1, max_size=3))
def test_a_resolution_holds_nothing_that_nobody_needs(index: Index, asked: list[str]) -> None:
    try:
        pins = World(index).pins(*asked)
    except NoSolution:
        return
    lines = [*asked, *(line for name, version in pins.items() for line in index[name][version])]
    needed = {match[0] for line in lines if (match := re.match(r"[a-d]", line))}
    assert set(pins) == needed
