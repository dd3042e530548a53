"""Resolve the user's requirements to the distributions that pip would choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName
from resolvelib import ResolutionImpossible, ResolutionTooDeep
from resolvelib.providers import AbstractProvider
from resolvelib.reporters import BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.resolvers import Resolution as ResolvelibResolution
from resolvelib.structs import State

from pipfast.errors import InstallationError
from pipfast.model.distribution import Distribution
from pipfast.model.events import Unprepared
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.candidate_cache import CandidateCache
from pipfast.resolve.conflict_report import no_solution
from pipfast.resolve.constraint import by_project
from pipfast.resolve.dependency_finder import DependencyFinder
from pipfast.resolve.errors import TooDeep
from pipfast.resolve.events import OldReleaseChosen, OldReleaseTried
from pipfast.resolve.graph import Dependency, ExtrasCandidate, LinkCandidate, Node
from pipfast.resolve.install_order import reachable, weights
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.metadata_lookup import MetadataLookup
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.resolve.ports import Ports
from pipfast.resolve.provider import Provider
from pipfast.resolve.reporter import reporter_of
from pipfast.resolve.search import CandidateSearch

MAX_ROUNDS = 200_000
"""pip's limit of rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedCandidate:
    """A distribution of an index or a direct link that was chosen.

    `weight` determines the installation order; the greatest is installed first.
    """

    node: LinkCandidate
    extras: frozenset[str]
    weight: int

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.node.name

    @property
    def install_req(self) -> InstallRequirement:
        """The first requirement that led to it."""
        return self.node.install_req


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The chosen distributions that are not installed yet, in pip's order.

    `requested` are the projects that the user requested.
    """

    pins: tuple[PinnedCandidate, ...]
    requested: tuple[NormalizedName, ...]


def solve(wanted: Sequence[UserRequirement], ports: Ports, policy: SelectionPolicy) -> Resolution:
    """Return the resolution that pip would find.

    Raises NoSolution, TooDeep, and what the ports raise.
    """
    constraints = by_project(one for one in wanted if one.constraint and _applies(one, ports))
    ports.index.prefetch(
        one.requirement
        for one in wanted
        if one.requirement and one.link is None and not one.constraint
    )
    lookup = MetadataLookup(ports, policy)
    candidates = CandidateCache(lookup, ports, policy)
    finder = DependencyFinder(candidates, ports, policy)
    roots, order = _roots(wanted, candidates, finder)
    search = CandidateSearch(candidates, ports.index, ports.emit)
    provider = Provider(finder, search, constraints, order, policy.upgrade)
    history = ResolutionHistory(constraints)
    if ports.history is not None:
        ports.history(history)
    explained = constraints if ports.explains else None
    reporter = reporter_of(ports.emit, history, explained, debug=ports.debug)
    # Not resolvelib's Resolver, which does not terminate for cycles of abandoned pins.
    resolver = _RememberingResolution(provider, reporter)
    try:
        state = resolver.resolve(roots, max_rounds=MAX_ROUNDS)
    except ResolutionImpossible as error:
        raise no_solution(list(error.causes), constraints, ports) from None
    except ResolutionTooDeep:
        raise TooDeep from None
    except InstallationError as error:
        _explain_old_release(error, history, lookup.last_requested, ports)
        raise
    resolution = _resolution(state, order, policy)
    _report_old_releases(resolution, history, ports)
    return resolution


def _explain_old_release(
    error: InstallationError, history: ResolutionHistory, failed: Distribution | None, ports: Ports
) -> None:
    """Report if the distribution that failed is old and newer releases were rejected."""
    reason = history.explain_failure(failed)
    if reason is not None and error.remedies:
        ports.emit(OldReleaseTried(reason))
    elif reason is not None:
        error.remedies = (reason,)
    if history.backtracked_to(failed):
        ports.emit(Unprepared(failed.name, str(failed.version)))


def _report_old_releases(resolution: Resolution, history: ResolutionHistory, ports: Ports) -> None:
    for pin in resolution.pins:
        reason = history.explain_choice(pin.node) if pin.name in resolution.requested else None
        if reason is not None:
            ports.emit(OldReleaseChosen(reason, level=ports.notice_level))


def _install_requirement(wanted: UserRequirement) -> InstallRequirement:
    return InstallRequirement(
        wanted.requirement,
        str(wanted.origin) if wanted.origin else None,
        wanted.link,
        wanted.digests,
        user_supplied=True,
        editable=wanted.editable,
        config_settings=wanted.config_settings,
        extras=wanted.extras,
        marker=wanted.marker,
    )


def _applies(constraint: UserRequirement, ports: Ports) -> bool:
    marker = constraint.requirement.marker if constraint.requirement else None
    return marker is None or marker.evaluate({**ports.markers, "extra": ""})


def _roots(
    wanted: Sequence[UserRequirement], candidates: CandidateCache, finder: DependencyFinder
) -> tuple[list[Dependency], dict[str, int]]:
    """Return the user's dependencies, those with extras last, and the order of their keys."""
    requirements = {
        position: _install_requirement(one)
        for position, one in enumerate(wanted)
        if not one.constraint
    }
    direct = [one for one in requirements.values() if one.link is not None]
    if len(direct) > 1:  # a single one is requested immediately
        for install_req in direct:
            candidates.prepare(install_req)
    roots: list[Dependency] = []
    order: dict[str, int] = {}
    for position, install_req in requirements.items():
        dependencies = finder.of_user(install_req)
        if dependencies:
            order.setdefault(dependencies[0].key, position)
            roots += dependencies
    roots.sort(key=lambda dependency: dependency.key != dependency.name)
    return roots, order


def _resolution(
    state: State[Dependency, Node, str], order: Mapping[str, int], policy: SelectionPolicy
) -> Resolution:
    requested = tuple(NormalizedName(key.partition("[")[0]) for key in order)
    graph = reachable(state)
    pins: dict[NormalizedName, LinkCandidate] = {}
    extras: dict[NormalizedName, frozenset[str]] = {}
    for key, node in state.mapping.items():
        if key not in graph:
            continue
        if isinstance(node, LinkCandidate):
            pins[node.name] = node
            own = node.install_req.requirement.extras if node.install_req.requirement else ()
            extras[node.name] = extras.get(node.name, frozenset()) | frozenset(own)
        elif isinstance(node, ExtrasCandidate):
            extras[node.name] = extras.get(node.name, frozenset()) | node.extras
    if policy.only_dependencies:
        pins = {name: node for name, node in pins.items() if name not in requested}
    weight = weights(graph, frozenset(pins))
    return Resolution(
        pins=tuple(
            PinnedCandidate(node=node, extras=extras[name], weight=weight[name])
            for name, node in pins.items()
        ),
        requested=requested,
    )


class _RememberingResolution(ResolvelibResolution[Dependency, Node, str]):
    """A resolution that asks the provider about a pin only when pin or criterion are new.

    In each round resolvelib asks whether each pin satisfies each dependency on it, which is
    quadratic. Criteria do not change, and a provider's answers do not either.
    """

    def __init__(
        self,
        provider: AbstractProvider[Dependency, Node, str],
        reporter: BaseReporter[Dependency, Node, str],
    ) -> None:
        super().__init__(provider, reporter)
        self._answers: dict[str, tuple[Criterion[Dependency, Node], Node, bool]] = {}

    def _is_current_pin_satisfying(self, name: str, criterion: Criterion[Dependency, Node]) -> bool:
        pin = self.state.mapping.get(name)
        if pin is None:
            return False
        known = self._answers.get(name)
        if known is not None and known[0] is criterion and known[1] is pin:
            return known[2]
        answer = super()._is_current_pin_satisfying(name, criterion)
        self._answers[name] = criterion, pin, answer
        return answer
