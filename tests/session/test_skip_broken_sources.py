"""The lax rule for old sdists that cannot be built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pipfast.builds.errors import PreparationFailed
from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Sdist
from pipfast.model.events import Event, Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.selection import SelectionPolicy
from pipfast.report.hint_text import joined
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.lax import with_rules
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.skip_broken_sources import skip_broken_sources
from tests.kit.texts import texts
from tests.resolve.world import Releases, World


class Forged(InstallationError):
    """A file that is not what was promised: no reason to take another one."""


@dataclass
class Sources(World):
    """A world in which some releases are sdists (``name-version``) that fail."""

    broken: Sequence[str] = ()
    failure: InstallationError = field(default_factory=lambda: PreparationFailed("it", "building"))

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """Those of the world, the broken ones as sdists."""
        for one in super().candidates(project, specifier, digests):
            stem = f"{one.name}-{one.version}"
            link = Link(url=f"https://files.example/{stem}.tar.gz")
            is_broken = stem in self.broken
            yield Sdist(link=link, name=one.name, version=one.version) if is_broken else one

    def read(
        self, candidate: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """What the world lists, if it can be had."""
        if isinstance(candidate, Sdist):
            raise self.failure
        return super().read(candidate, install_req, digests)


INDEX: Mapping[str, Releases] = {
    "num": {"1": [], "2": []},
    "app": {"1": [], "2": ["num>=2"]},
    "peer": {"7": [], "8": ["num<2"]},
    "new": {"1": [], "2": []},
}
ASKED = ("app", "peer<9")


@dataclass
class Ended:
    """What became of a question: pins, or the failure; and what was emitted meanwhile."""

    pins: dict[str, str] = field(default_factory=dict)
    failure: InstallationError | None = None
    emitted: list[str] = field(default_factory=list)
    hushed: int = 0


def ended(world: World, *asked: str, allowed: bool) -> Ended:
    wanted = [UserRequirement(text=line, requirement=Requirement(line)) for line in asked]
    found = Ended()

    def hear(event: Event) -> None:
        found.emitted += texts([event])

    def once(policy: SelectionPolicy, emit: Listener) -> Resolution:
        return solve(wanted, replace(world.ports(), emit=emit), policy)

    @contextmanager
    def hushed() -> Iterator[None]:
        found.hushed += 1
        yield

    try:
        rule = skip_broken_sources(permitted=allowed, silently=hushed)
        answer = with_rules(once, [rule])(SelectionPolicy(), hear)
        found.pins = {str(one.name): str(one.node.version) for one in answer.pins}
    except InstallationError as failure:
        found.failure = failure
    return found


def test_wheels_of_other_releases_are_used_with_one_warning() -> None:
    found = ended(Sources(INDEX, broken=("app-1",)), *ASKED, allowed=True)
    assert found.pins == {"app": "2", "peer": "7", "num": "2"}
    announced = [line for line in found.emitted if line.startswith("pip would have failed here: ")]
    assert announced == [
        "pip would have failed here: Failed to build 'it' when building; "
        "continuing because wheels of other releases may be used instead of app 1"
    ]


def test_if_not_permitted_the_remedy_is_the_option_that_helps() -> None:
    found = ended(Sources(INDEX, broken=("app-1",)), *ASKED, allowed=False)
    assert found.failure is not None
    assert joined(found.failure.remedies) == "to use wheels of app only, add --only-binary app"
    assert found.hushed == 1


def test_an_option_that_does_not_help_is_no_remedy() -> None:
    found = ended(Sources(INDEX, broken=("app-1",)), "app", "num<2", allowed=False)
    assert found.failure is not None
    assert not found.failure.remedies


def test_several_broken_sources_are_all_skipped() -> None:
    index: Mapping[str, Releases] = {**INDEX, "peer": {"6": [], "7": ["num<2"], "8": ["num<2"]}}
    found = ended(Sources(index, broken=("app-1", "peer-6")), *ASKED, allowed=False)
    assert found.failure is not None
    world = Sources({**index, "peer": {**index["peer"], "5": []}}, broken=("app-1", "peer-6"))
    assert ended(world, *ASKED, allowed=True).pins == {"app": "2", "peer": "5", "num": "2"}


@pytest.mark.parametrize("allowed", [True, False])
def test_the_newest_release_that_cannot_be_built_ends_the_run_as_with_pip(allowed: bool) -> None:
    found = ended(Sources(INDEX, broken=("new-2",)), "new", allowed=allowed)
    assert isinstance(found.failure, PreparationFailed)
    assert not any("pip would have failed" in line for line in found.emitted)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_failure_with_another_cause_than_the_build_is_final(allowed: bool) -> None:
    world = Sources(INDEX, broken=("app-1",), failure=Forged("wrong hash"))
    found = ended(world, *ASKED, allowed=allowed)
    assert isinstance(found.failure, Forged)
    assert not found.failure.remedies


def test_the_first_failure_is_raised_if_wheels_do_not_help() -> None:
    found = ended(Sources(INDEX, broken=("app-1",)), "app", "num<2", allowed=True)
    assert isinstance(found.failure, PreparationFailed)


def test_pips_resolution_is_used_if_there_is_one() -> None:
    found = ended(Sources(INDEX, broken=("peer-7",)), *ASKED, allowed=True)
    assert found.pins == {"app": "1", "peer": "8", "num": "1"}
