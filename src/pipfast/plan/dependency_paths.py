"""Who requires a distribution, up to those that the user requested."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.frozen_dataclass import dataclass
from pipfast.plan.dependency_graph import NO_EXTRA, DependencyGraph, RequirementEdge


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """A distribution that requires another one by `edge`, and what requires it in turn.

    `ends` is whether the user requested it, or nothing requires it; then `dependents` is empty.
    `repeated` is whether its dependents are listed elsewhere, because it is in a cycle or in two
    paths.
    """

    edge: RequirementEdge
    dependents: tuple[Dependent, ...] = ()
    ends: bool = False
    repeated: bool = False

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.edge.dependent


def dependents(graph: DependencyGraph, name: NormalizedName) -> tuple[Dependent, ...]:
    """Return what requires a project, with all paths to the distributions that were requested.

    Dependents that no requested distribution leads to are kept if there are no others.
    """
    explained = _explained(graph)
    seen = {(name, NO_EXTRA)}
    found = [edge for edge in graph.dependents_of(name) if edge.dependent != name]
    requested = [edge for edge in found if edge.dependent in explained]
    return tuple(_dependent(graph, edge, explained, seen) for edge in requested or found)


def chains(found: tuple[Dependent, ...]) -> Iterator[tuple[RequirementEdge, ...]]:
    """Yield the paths that are not repeated, each from the project up to where it ends."""
    for one in found:
        if not one.dependents:
            yield (one.edge,)
        for chain in chains(one.dependents):
            yield (one.edge, *chain)


def _dependent(
    graph: DependencyGraph,
    edge: RequirementEdge,
    explained: frozenset[NormalizedName],
    seen: set[tuple[NormalizedName, NormalizedName]],
) -> Dependent:
    name = edge.dependent
    above = _above(graph, edge)
    if graph.nodes[name].requested or not above:
        return Dependent(edge=edge, ends=True)
    if (name, edge.extra) in seen:
        return Dependent(edge=edge, repeated=True)
    seen.add((name, edge.extra))
    kept = [one for one in above if one.dependent in explained] or above
    return Dependent(
        edge=edge, dependents=tuple(_dependent(graph, one, explained, seen) for one in kept)
    )


def _above(graph: DependencyGraph, edge: RequirementEdge) -> list[RequirementEdge]:
    """Return what requires the dependent of `edge`, with the extra that `edge` belongs to."""
    name = edge.dependent
    every = [one for one in graph.dependents_of(name) if one.dependent != name]
    with_extra = [
        one for one in every if edge.extra in map(canonicalize_name, one.requirement.extras)
    ]
    return with_extra if edge.extra and with_extra else every


def _explained(graph: DependencyGraph) -> frozenset[NormalizedName]:
    """Return the projects that were requested, and those that they require directly or not."""
    seen: set[NormalizedName] = set()
    pending = [name for name, node in graph.nodes.items() if node.requested]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += [edge.required for edge in graph.requirements_of(name)]
    return frozenset(seen)
