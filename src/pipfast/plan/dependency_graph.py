"""The requirements between distributions, and whether they are satisfied.

The distributions are those of an environment or of a resolution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import Metadata, parse_requirement
from pipfast.plan.consistency import is_satisfied_by

NO_EXTRA = NormalizedName("")


class Fit(Enum):
    """Whether the distribution of a project satisfies a requirement on it."""

    SATISFIED = "satisfied"
    CONFLICTING = "conflicting"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionNode:
    """A distribution, with its name as METADATA spells it; `version` too.

    `requested` is whether the user requested it (PEP 376).
    """

    name: NormalizedName
    spelled: str
    version: str
    requested: bool
    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementEdge:
    """A requirement of the distribution `dependent` on the project `required`.

    `extra` is the extra of the dependent that it belongs to, empty if it always applies.
    """

    dependent: NormalizedName
    required: NormalizedName
    requirement: Requirement
    extra: NormalizedName
    fit: Fit


@dataclass(frozen=True, slots=True)
class UnreadableRequirement:
    """A requirement of a distribution that is not valid (PEP 508)."""

    dependent: NormalizedName
    line: str


class DependencyGraph:
    """The requirements of `nodes` that apply with `markers`.

    An extra of a distribution counts if another one requires it, directly or indirectly, or if
    `extras` requests it: installers do not record which extras the user requested.
    """

    def __init__(
        self,
        nodes: Iterable[DistributionNode],
        markers: Mapping[str, str],
        extras: Mapping[NormalizedName, frozenset[NormalizedName]] | None = None,
    ) -> None:
        self.nodes: dict[NormalizedName, DistributionNode] = {}
        for node in nodes:
            self.nodes.setdefault(node.name, node)
        self.unreadable: list[UnreadableRequirement] = []
        self._markers = markers
        self._requirements = {node.name: list(self._parsed(node)) for node in self.nodes.values()}
        self.extras = self._requested_extras(extras or {})
        self._edges = {
            name: self._edges_of(name, self.extras.get(name, frozenset())) for name in self.nodes
        }
        self._dependents: dict[NormalizedName, list[RequirementEdge]] = {}
        for name in sorted(self.nodes):
            for edge in self._edges[name]:
                self._dependents.setdefault(edge.required, []).append(edge)

    def requirements_of(self, name: NormalizedName) -> Sequence[RequirementEdge]:
        """Return what a project requires, sorted by name; nothing if it is no node."""
        return self._edges.get(name, ())

    def dependents_of(self, name: NormalizedName) -> Sequence[RequirementEdge]:
        """Return the requirements on a project, sorted by the name of the dependent."""
        return self._dependents.get(name, ())

    def optional_dependents_of(self, name: NormalizedName) -> Iterator[RequirementEdge]:
        """Yield requirements on a project of extras that nothing requires.

        They explain a distribution only if the user requested such an extra, so they are left out
        if the environment does not satisfy all of the extra.
        """
        for dependent in sorted(self.nodes):
            used = self.extras.get(dependent, frozenset())
            for extra in map(canonicalize_name, self.nodes[dependent].metadata.provides_extra):
                edges = [one for one in self._edges_of(dependent, {extra}) if one.extra == extra]
                if extra not in used and all(one.fit is Fit.SATISFIED for one in edges):
                    yield from (one for one in edges if one.required == name)

    def missing(self) -> tuple[NormalizedName, ...]:
        """Return the projects that are required and no nodes."""
        return tuple(sorted(name for name in self._dependents if name not in self.nodes))

    def _parsed(self, node: DistributionNode) -> Iterator[Requirement]:
        for line in dict.fromkeys(node.metadata.requires_dist):
            try:
                yield parse_requirement(line)
            except InvalidRequirement:  # noqa: PERF203 - few are invalid
                self.unreadable.append(UnreadableRequirement(node.name, line))

    def _requested_extras(
        self, extras: Mapping[NormalizedName, frozenset[NormalizedName]]
    ) -> dict[NormalizedName, frozenset[NormalizedName]]:
        """Return the extras of each project that another one requires, or the user."""
        found = dict(extras)
        pending = list(self.nodes)
        while pending:
            name = pending.pop()
            for requirement, _ in self._applicable(name, found.get(name, frozenset())):
                required = canonicalize_name(requirement.name)
                wanted = frozenset(map(canonicalize_name, requirement.extras))
                before = found.get(required, frozenset())
                if required in self.nodes and not wanted <= before:
                    found[required] = before | wanted
                    pending.append(required)
        return found

    def _applicable(
        self, name: NormalizedName, extras: Iterable[NormalizedName]
    ) -> Iterator[tuple[Requirement, NormalizedName]]:
        """Yield the requirements that apply, each with the extra that it belongs to."""
        for requirement in self._requirements[name]:
            for extra in (NO_EXTRA, *sorted(extras)):
                marker = requirement.marker
                if marker is None or marker.evaluate({**self._markers, "extra": extra}):
                    yield requirement, extra
                    break

    def _edges_of(
        self, name: NormalizedName, extras: Iterable[NormalizedName]
    ) -> list[RequirementEdge]:
        edges = [
            RequirementEdge(
                dependent=name,
                required=canonicalize_name(requirement.name),
                requirement=requirement,
                extra=extra,
                fit=self._fit(requirement),
            )
            for requirement, extra in self._applicable(name, extras)
        ]
        return sorted(edges, key=lambda edge: (edge.required, edge.extra))

    def _fit(self, requirement: Requirement) -> Fit:
        node = self.nodes.get(canonicalize_name(requirement.name))
        if node is None:
            return Fit.MISSING
        return Fit.SATISFIED if is_satisfied_by(requirement, node.version) else Fit.CONFLICTING
