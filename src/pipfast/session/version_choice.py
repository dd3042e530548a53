"""Explain why a resolution has its version of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pipfast.model.distribution import Source
from pipfast.model.events import Event, Listener, Message
from pipfast.model.link import redact, without_secrets
from pipfast.model.passed_over import Limit, PassedOver, VersionChoice
from pipfast.model.user_requirement import UserRequirement
from pipfast.plan.dependency_graph import DependencyGraph, DistributionNode
from pipfast.report.tree_lines import without_marker
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.advice_trials import with_trials
from pipfast.session.newer_releases import ProjectLimits, SolvedProject, passed_over
from pipfast.session.other_indexes import OtherIndexes
from pipfast.session.resolution import Resolved


class ResolutionWitness:
    """An `Observer` that keeps the messages of a resolution and shows its progress only."""

    def __init__(self, progress: Listener) -> None:
        self._progress = progress
        self.messages: list[Message] = []
        self.history: ResolutionHistory | None = None

    def __call__(self, event: Event) -> None:
        """Keep a message; pass on other events."""
        if isinstance(event, Message):
            self.messages.append(event)
        else:
            self._progress(event)

    def follow(self, history: ResolutionHistory) -> None:
        """Keep the record of the last resolution of the run."""
        self.history = history


def graph_of(resolved: Resolved, markers: Mapping[str, str]) -> DependencyGraph:
    """Return the dependency graph of a resolution."""
    pins = resolved.resolution.pins
    nodes = [
        DistributionNode(
            name=pin.name,
            spelled=pin.node.metadata.name or pin.name,
            version=str(pin.node.version),
            requested=pin.name in resolved.resolution.requested,
            metadata=pin.node.metadata,
        )
        for pin in pins
    ]
    extras = {pin.name: frozenset(NormalizedName(extra) for extra in pin.extras) for pin in pins}
    return DependencyGraph(nodes, markers, extras)


def origins(resolved: Resolved) -> dict[NormalizedName, str]:
    """Return the user's requirement of each requested project: the line of a file, or the text."""
    found: dict[NormalizedName, str] = {}
    for one in resolved.collected.wanted:
        name = _name_of(one, resolved)
        if not one.constraint and name is not None:
            found.setdefault(name, str(one.origin) if one.origin else one.text)
    return found


def version_choice(
    pin: PinnedCandidate,
    resolved: Resolved,
    graph: DependencyGraph,
    witness: ResolutionWitness,
    markers: Mapping[str, str],
) -> VersionChoice:
    """Return why a pin has its version.

    May request pages of indexes that the resolution did not use. Raises PipfastError.
    """
    wanted = tuple(_wanted(pin.name, resolved, markers))
    own = [_own_limit(one) for one in wanted]
    distribution = pin.node.distribution
    newer: Sequence[PassedOver] = ()
    is_direct = isinstance(distribution, Source) or pin.install_req.link is not None
    if not is_direct and not isinstance(distribution, Source):
        solved = SolvedProject(
            name=pin.name,
            version=pin.node.version,
            chosen=distribution,
            wanted=wanted,
            limits=ProjectLimits(limits=(*own, *_limits_of(graph, pin.name))),
            finder=resolved.finder,
            history=witness.history,
            messages=witness.messages,
        )
        search = OtherIndexes(resolved.collected, resolved.ports, resolved.finder, resolved.known)
        newer = tuple(with_trials(passed_over(solved), pin.name, search))
    link = distribution.link
    return VersionChoice(
        project=graph.nodes[pin.name].spelled,
        version=str(pin.node.version),
        file=link.redacted if is_direct else link.filename,
        origin="" if is_direct else redact(link.page or ""),
        is_direct=is_direct,
        limits=tuple(limit for _, limit in own),
        newer=tuple(newer),
    )


def _wanted(
    name: NormalizedName, resolved: Resolved, markers: Mapping[str, str]
) -> Iterator[UserRequirement]:
    """Yield the user's requirements and constraints on a project that apply."""
    for one in resolved.collected.wanted:
        marker = one.requirement.marker if one.requirement else one.marker
        applies = marker is None or marker.evaluate({**markers, "extra": ""})
        if applies and _name_of(one, resolved) == name:
            yield one


def _name_of(one: UserRequirement, resolved: Resolved) -> NormalizedName | None:
    """Return the project of a requirement, also of a path or URL."""
    if one.name is not None or one.link is None:
        return one.name
    for pin in resolved.resolution.pins:
        if pin.node.distribution.link.comparable_location == one.link.comparable_location:
            return pin.name
    return None


def _own_limit(one: UserRequirement) -> tuple[SpecifierSet, Limit]:
    specifier = one.requirement.specifier if one.requirement else SpecifierSet()
    if one.requirement is not None and (one.requirement.url or one.link is None):
        text = without_marker(one.requirement)
    else:
        text = without_secrets(one.text)
    place = str(one.origin) if one.origin else ""
    return specifier, Limit(requirement=text, place=place, is_constraint=one.constraint)


def _limits_of(
    graph: DependencyGraph, name: NormalizedName
) -> Iterable[tuple[SpecifierSet, Limit]]:
    for edge in graph.dependents_of(name):
        node = graph.nodes[edge.dependent]
        limit = Limit(
            requirement=without_marker(edge.requirement),
            dependent=f"{node.spelled} {node.version}",
        )
        yield edge.requirement.specifier, limit
