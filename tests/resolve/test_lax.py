"""Lax rules turn failures into successes and change no result of pip's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from pipfast.errors import InstallationError
from pipfast.model.events import Event, Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.mode import LocalVersions
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.lax import local_versions as local_versions_rule
from pipfast.resolve.lax import with_rules
from pipfast.resolve.solve import Resolution, solve
from tests.kit.texts import texts
from tests.resolve.world import World

NAMES = ("app", "bar", "cat")
VERSIONS = ("1.0", "1.5", "2.0")
SPECIFIERS = ("", "==1.0", "<2", ">=1.5", "==2.0", "!=2.0", "==2.0+cpu", ">1.0,<2")


@dataclass(frozen=True)
class Ended:
    """How a resolution ended: pins, or an error; and what was emitted."""

    pins: Mapping[str, str]
    error: str
    emitted: tuple[str, ...]


def requirements() -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, st.sampled_from(NAMES), st.sampled_from(SPECIFIERS))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few releases, some of which say in their metadata that they have a local version."""
    lines = st.lists(requirements(), max_size=2)
    versions = st.sets(st.sampled_from(VERSIONS), min_size=1)
    index = {name: {text: draw(lines) for text in sorted(draw(versions))} for name in NAMES}
    keys = [f"{name}-{text}" for name, releases in index.items() for text in releases]
    wrong = draw(st.sets(st.sampled_from(keys)))
    present = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VERSIONS), max_size=1))
    shown = {key: f"{key.partition('-')[2]}+cpu" for key in wrong}
    return World(index, present=present, wrong_metadata=shown)


def ended(world: World, asked: Sequence[str], local_versions: LocalVersions | None) -> Ended:
    """Pip's own resolution, or with `local_versions` that of the two tiers."""
    wanted = [UserRequirement(text=line, requirement=Requirement(line)) for line in asked]
    emitted: list[str] = []

    def hear(event: Event) -> None:
        emitted.extend(texts([event]))

    def once(policy: SelectionPolicy, emit: Listener) -> Resolution:
        return solve(wanted, replace(world.ports(), emit=emit), policy)

    policy = SelectionPolicy()
    try:
        if local_versions is None:
            answer = once(policy, hear)
        else:
            answer = with_rules(once, [local_versions_rule(local_versions)])(policy, hear)
    except InstallationError as error:
        return Ended({}, error.message, tuple(emitted))
    pins = {str(one.name): str(one.node.version) for one in answer.pins}
    return Ended(pins, "", tuple(emitted))


@settings(deadline=None)
@pytest.mark.parametrize("local_versions", LocalVersions)
@given(world=worlds(), asked=st.lists(requirements(), min_size=1, max_size=3))
def test_if_pip_succeeds_lax_rules_change_neither_result_nor_messages(
    local_versions: LocalVersions, world: World, asked: list[str]
) -> None:
    pips = ended(world, asked, None)
    event("pip fails" if pips.error else "pip answers")
    assert pips.error or ended(world, asked, local_versions) == pips


@settings(deadline=None)
@given(world=worlds(), asked=st.lists(requirements(), min_size=1, max_size=3))
def test_strict_local_versions_end_like_pip(world: World, asked: list[str]) -> None:
    assert ended(world, asked, LocalVersions.STRICT) == ended(world, asked, None)


@settings(deadline=None)
@given(world=worlds(), asked=st.lists(requirements(), min_size=1, max_size=3))
def test_a_result_beyond_pips_has_one_warning(world: World, asked: list[str]) -> None:
    pips, ours = ended(world, asked, None), ended(world, asked, LocalVersions.LAX)
    beyond = bool(pips.error) and not ours.error
    event("parity goes on" if beyond else "parity ends as pip does")
    first = pips.error.partition("\n")[0].rstrip(".")
    announced = [line for line in ours.emitted if line.startswith("pip would have failed here: ")]
    assert len(announced) == 1 if beyond else bool(pips.error) or not announced
    assert all(first in line for line in announced)


def test_pips_older_release_is_used_if_the_newest_has_another_local_version() -> None:
    world = World({"app": {"1.0": [], "2.0": []}}, wrong_metadata={"app-2.0": "2.0+cpu"})
    assert ended(world, ["app"], LocalVersions.LAX).pins == {"app": "1.0"}
    assert ended(world, ["app>1"], LocalVersions.LAX).pins == {"app": "2.0+cpu"}
