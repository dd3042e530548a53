"""A dependency graph as trees: from distributions to what they require, or to what requires them.

A distribution that several others require has its subtree once, so that the size of a tree is that
of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from math import inf

from packaging.utils import NormalizedName

from pipfast.model.frozen_dataclass import dataclass
from pipfast.plan.dependency_graph import DependencyGraph, RequirementEdge


class Cut(Enum):
    """Why the subtree of a branch is not shown."""

    CYCLE = auto()
    REPEATED = auto()
    DEPTH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The project `name`, the requirement `edge` that leads to it, and what is below it.

    `cut` is None if everything below is shown. `edge` is None at the root.
    """

    name: NormalizedName
    edge: RequirementEdge | None
    branches: tuple[Branch, ...] = ()
    cut: Cut | None = None


class Direction(Enum):
    """What is below a distribution: what it requires, or what requires it."""

    REQUIREMENTS = auto()
    DEPENDENTS = auto()


def roots(graph: DependencyGraph, direction: Direction) -> list[NormalizedName]:
    """Return the projects from which trees reach all others, sorted.

    They are those without anything above them, and one of each cycle that nothing leads to.
    """
    names = [*graph.nodes]
    if direction is Direction.DEPENDENTS:
        names += graph.missing()
    above = _above(graph, direction)
    first = sorted(name for name in names if not any(one != name for one in above(name)))
    seen = _reached(graph, direction, first)
    requested_first = sorted(names, key=lambda name: (not _is_requested(graph, name), name))
    for name in requested_first:
        if name not in seen:
            first.append(name)
            seen |= _reached(graph, direction, [name])
    return sorted(first)


def trees(
    graph: DependencyGraph,
    names: Iterable[NormalizedName],
    direction: Direction,
    depth: int | None = None,
) -> list[Branch]:
    """Return the tree of each of `names`, with at most `depth` levels below it."""
    growth = _Growth(graph, direction, depth)
    return [growth.branch(name, None, ()) for name in names]


def below(
    graph: DependencyGraph, name: NormalizedName, direction: Direction
) -> Sequence[tuple[NormalizedName, RequirementEdge]]:
    """Return the projects below `name`, each with the requirement that leads to it."""
    if direction is Direction.REQUIREMENTS:
        return [(edge.required, edge) for edge in graph.requirements_of(name)]
    return [(edge.dependent, edge) for edge in graph.dependents_of(name)]


class _Growth:
    """The trees of one output; each subtree is shown once."""

    def __init__(self, graph: DependencyGraph, direction: Direction, depth: int | None) -> None:
        self._graph = graph
        self._direction = direction
        self._depth = depth
        self._shown: dict[NormalizedName, float] = {}  # and how many levels below it

    def branch(
        self, name: NormalizedName, edge: RequirementEdge | None, path: tuple[NormalizedName, ...]
    ) -> Branch:
        """Return the tree of `name` below the projects `path`."""
        children = below(self._graph, name, self._direction)
        cut = self._cut(name, path) if children else None
        if cut is not None:
            return Branch(name=name, edge=edge, cut=cut)
        self._shown[name] = self._levels(path)
        inner = (*path, name)
        branches = tuple(self.branch(child, via, inner) for child, via in children)
        return Branch(name=name, edge=edge, branches=branches)

    def _cut(self, name: NormalizedName, path: tuple[NormalizedName, ...]) -> Cut | None:
        if name in path:
            return Cut.CYCLE
        if self._levels(path) <= 0:
            return Cut.DEPTH
        return Cut.REPEATED if self._shown.get(name, 0) >= self._levels(path) else None

    def _levels(self, path: tuple[NormalizedName, ...]) -> float:
        """Return how many levels are shown below a project that is below `path`."""
        return inf if self._depth is None else self._depth - len(path)


def names_in(branches: Iterable[Branch]) -> frozenset[NormalizedName]:
    """Return the projects that trees show."""
    names: set[NormalizedName] = set()
    for branch in branches:
        names |= {branch.name, *names_in(branch.branches)}
    return frozenset(names)


def edges_in(branches: Iterable[Branch]) -> Iterator[RequirementEdge]:
    """Yield the requirements that trees show."""
    for branch in branches:
        if branch.edge is not None:
            yield branch.edge
        yield from edges_in(branch.branches)


def _above(
    graph: DependencyGraph, direction: Direction
) -> Callable[[NormalizedName], list[NormalizedName]]:
    if direction is Direction.REQUIREMENTS:
        return lambda name: [edge.dependent for edge in graph.dependents_of(name)]
    return lambda name: [edge.required for edge in graph.requirements_of(name)]


def _reached(
    graph: DependencyGraph, direction: Direction, names: Iterable[NormalizedName]
) -> set[NormalizedName]:
    seen: set[NormalizedName] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += [child for child, _ in below(graph, name, direction)]
    return seen


def _is_requested(graph: DependencyGraph, name: NormalizedName) -> bool:
    return name in graph.nodes and graph.nodes[name].requested
