"""A bounded form: the same worlds in each run, which take about a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compat.harness.compare import judge
from compat.harness.scenario import scenario as scenario_of
from compat.harness.twin import Ran, Seen
from compat.kit.index import index
from compat.worlds.engine import Engine
from compat.worlds.generate import scenario
from compat.worlds.shrink import shrunk, source
from compat.worlds.verdict import BEYOND, differences
from tests.kit.wheels import wheel

WORLDS = 80


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine that runs both programs in forks."""
    with Engine(tmp_path_factory.mktemp("worlds")) as running:
        yield running


def test_pipfast_does_what_pip_does(engine: Engine) -> None:
    for number in range(WORLDS):
        world = scenario(f"fixed-{number}")
        found = differences(world, *engine.observations(world))
        assert not found, "\n".join((source(world), *found))


def test_forks_do_what_processes_do(engine: Engine, tmp_path: Path) -> None:
    from compat.harness.compare import observations
    from compat.harness.twin import House

    world = scenario_of(
        "forks", "install app", index(wheel("app", "1.0", "dep"), wheel("dep", "2.0")),
        then=("list", "uninstall -y dep", "check"), exits=(0, 0, 0, 1),
    )  # fmt: skip
    forked = engine.observations(world)
    for expected, received in zip(
        observations(House(tmp_path), world, "pipfast"), forked, strict=True
    ):
        assert [(ran.code, ran.stdout.count("\n")) for ran in expected.steps] == [
            (ran.code, ran.stdout.count("\n")) for ran in received.steps
        ]
    assert judge(world, *forked).differences == ()


def test_a_seed_always_gives_the_same_world() -> None:
    assert source(scenario("x-1")) == source(scenario("x-1"))
    assert len({source(scenario(f"x-{number}")) for number in range(50)}) == 50


def _seen(code: int, stderr: str) -> Seen:
    return Seen(steps=(Ran(("x",), code, "", stderr),), tree={}, delegated="")


def test_other_results_are_found_and_relaxed_rules_are_not() -> None:
    world = scenario("x-1")
    assert differences(world, _seen(0, ""), _seen(1, "")) != ()
    assert differences(world, _seen(0, ""), _seen(0, "WARNING: no\n")) != ()
    assert differences(world, _seen(1, ""), _seen(0, f"{BEYOND}because\n")) == ()
    assert differences(world, _seen(0, ""), _seen(0, f"{BEYOND}because\n")) != ()


def test_a_world_is_made_smaller_while_a_property_holds() -> None:
    world = scenario_of(
        "large",
        "install app dep",
        index(wheel("app", "1.0", "dep", "other"), wheel("dep"), wheel("other")),
        then=("list",),
        links=(wheel("more"),),
    )
    small = shrunk(world, lambda one: any("dep" in step for step in one.steps))
    assert small.steps == (("install", "dep"),) or small.steps == (("install", "app", "dep"),)
    assert not small.indexes
    assert not small.links
    assert replace(small, rule="x").rule == "x"
