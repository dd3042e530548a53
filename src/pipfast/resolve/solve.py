"""The door: what is wanted → a resolution with pip's pins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from packaging.utils import NormalizedName
from resolvelib import BaseReporter, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Criterion
from resolvelib.resolvers import Resolution as ResolvelibResolution
from resolvelib.structs import RequirementInformation, State

from pipfast.errors import Diagnostic, InstallationError
from pipfast.model.events import Level, Listener, Said, Unprepared
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.conflict_report import explained
from pipfast.resolve.constraint import gathered
from pipfast.resolve.debug_reporter import DebugReporter
from pipfast.resolve.events import OldReleaseChosen, OldReleaseTried
from pipfast.resolve.graph import Dependency, ExtrasCandidate, LinkCandidate, Node
from pipfast.resolve.install_order import connected, weights
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.node_factory import Pool
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.resolve.ports import Ports
from pipfast.resolve.provider import Provider
from pipfast.resolve.search import CandidateSearch

MOST_ROUNDS = 200_000
"""pip's limit; a resolution that needs more will not end (pip behaviour)."""

MULTIPLE = (
    "INFO: pip is looking at multiple versions of {name} to determine which version is "
    "compatible with other requirements. This could take a while."
)
STILL = MULTIPLE.replace("pip is looking", "pip is still looking")
LONGER = (
    "INFO: This is taking longer than usual. You might need to provide the dependency resolver "
    "with stricter constraints to reduce runtime. See "
    "https://pip.pypa.io/warnings/backtracking for guidance. If you want to abort this run, "
    "press Ctrl + C."
)
SAID_AT = {2: MULTIPLE, 8: STILL, 13: LONGER}


class TooDeep(Diagnostic):
    """The resolution was given up after `MOST_ROUNDS` rounds."""

    def __init__(self) -> None:
        super().__init__(
            "resolution-too-deep",
            "Dependency resolution exceeded maximum depth",
            context="Pip cannot resolve the current dependencies as the dependency graph is too "
            "complex for pip to solve efficiently.",
            advice="Try adding lower bounds to constrain your dependencies, for example: "
            "'package>=2.0.0' instead of just 'package'. ",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedCandidate:
    """A distribution that the resolution takes from an index or a link."""

    node: LinkCandidate
    extras: frozenset[str]
    weight: int

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.node.name

    @property
    def install_req(self) -> InstallRequirement:
        """Who asked first."""
        return self.node.install_req


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer: what is to be there and is not from the environment, in pip's order.

    `requested` holds the projects the user named.
    """

    pins: tuple[PinnedCandidate, ...]
    requested: tuple[NormalizedName, ...]

    def in_install_order(self) -> tuple[PinnedCandidate, ...]:
        """Dependencies before those that need them; ties by name, the last first (pip)."""
        return tuple(sorted(self.pins, key=lambda one: (one.weight, one.name), reverse=True))


def solve(wanted: Sequence[UserRequirement], ports: Ports, policy: SelectionPolicy) -> Resolution:
    """Find the pins that pip would find.

    Raises NoSolution, TooDeep, and whatever the ports raise.
    """
    pool = Pool(ports, policy)
    constraints = gathered(tuple(one for one in wanted if one.constraint and _applies(one, ports)))
    ports.index.expect(
        one.requirement
        for one in wanted
        if one.requirement and one.link is None and not one.constraint
    )
    needs, order = _roots(wanted, pool)
    search = CandidateSearch(pool, ports.index, ports.emit)
    provider = Provider(pool, search, constraints, order, policy.upgrade)
    # Not resolvelib's Resolver: it follows circles of abandoned pins for ever.
    history = ResolutionHistory(constraints)
    reporter = _reporter(ports, history)
    resolution: ResolvelibResolution[Dependency, Node, str] = ResolvelibResolution(
        provider, reporter
    )
    try:
        state = resolution.resolve(needs, max_rounds=MOST_ROUNDS)
    except ResolutionImpossible as error:
        raise explained(list(error.causes), constraints, ports) from None
    except ResolutionTooDeep:
        raise TooDeep from None
    except InstallationError as failure:
        why = history.of_failure(pool.tried)
        if why is not None and failure.remedies:
            ports.emit(OldReleaseTried(why))
        elif why is not None:
            failure.remedies = (why,)
        if history.went_back_to(pool.tried):
            ports.emit(Unprepared(pool.tried.name, str(pool.tried.version)))
        raise
    answer = _answer(state, order, policy)
    for one in answer.pins:
        remark = history.of_choice(one.node) if one.name in answer.requested else None
        if remark is not None:
            ports.emit(OldReleaseChosen(remark, level=ports.remarks))
    return answer


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
    wanted: Sequence[UserRequirement], pool: Pool
) -> tuple[list[Dependency], dict[str, int]]:
    """The user's own needs, those with extras last, and the order of their first mention."""
    needs: list[Dependency] = []
    order: dict[str, int] = {}
    asks = {at: _install_requirement(one) for at, one in enumerate(wanted) if not one.constraint}
    direct = [install_req for install_req in asks.values() if install_req.link is not None]
    if len(direct) > 1:  # one alone is not ahead of anything
        for install_req in direct:
            pool.expect(install_req)
    for position, install_req in asks.items():
        of_one = pool.needs_of_user(install_req)
        if of_one:
            order.setdefault(of_one[0].key, position)
            needs += of_one
    needs.sort(key=lambda need: need.key != need.name)
    return needs, order


def _answer(
    state: State[Dependency, Node, str], order: Mapping[str, int], policy: SelectionPolicy
) -> Resolution:
    requested = tuple(NormalizedName(key.partition("[")[0]) for key in order)
    pins: dict[NormalizedName, LinkCandidate] = {}
    extras: dict[NormalizedName, frozenset[str]] = {}
    graph = connected(state)
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


def _reporter(ports: Ports, history: ResolutionHistory) -> BaseReporter[Dependency, Node, str]:
    if ports.debugging:
        return _DebuggingReporter(ports.emit, history)
    return _Reporter(ports.emit, history)


class _Noting(BaseReporter[Dependency, Node, str]):
    """Notes what was refused and why."""

    def __init__(self, history: ResolutionHistory) -> None:
        self._history = history

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Note a candidate that did not work."""
        self._history.refuse(candidate, criterion.information)

    def resolving_conflicts(
        self, causes: Collection[RequirementInformation[Dependency, Node]]
    ) -> None:
        """Note that pins have to be given up, and for what."""
        self._history.conflict(causes)

    def pinning(self, candidate: Node) -> None:
        """Note what is pinned."""
        self._history.pin(candidate)


class _Reporter(_Noting):
    """Tells, as pip does, that a project's releases are being tried one after another."""

    def __init__(self, emit: Listener, history: ResolutionHistory) -> None:
        super().__init__(history)
        self._emit = emit
        self._rejected: Counter[str] = Counter()

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Count a candidate that did not work."""
        super().rejecting_candidate(criterion, candidate)
        self._rejected[candidate.key] += 1
        text = SAID_AT.get(self._rejected[candidate.key])
        if text is not None:
            self._emit(Said(Level.INFO, text.format(name=candidate.key)))


class _DebuggingReporter(DebugReporter, _Noting):
    """Tells every step, as pip does, and nothing else."""

    def __init__(self, emit: Listener, history: ResolutionHistory) -> None:
        DebugReporter.__init__(self, emit)
        _Noting.__init__(self, history)

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Tell and note it."""
        DebugReporter.rejecting_candidate(self, criterion, candidate)
        _Noting.rejecting_candidate(self, criterion, candidate)

    def pinning(self, candidate: Node) -> None:
        """Tell and note it."""
        DebugReporter.pinning(self, candidate)
        _Noting.pinning(self, candidate)
