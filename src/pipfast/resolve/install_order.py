"""The dependency graph of a finished resolution, and weights for the installation order."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName
from resolvelib.structs import State

from pipfast.resolve.graph import Dependency, Node

MAX_VISITS = 5
"""pip's limit of paths through a node of a cycle; without it, a search may take very long."""

Graph = dict[str | None, list[str]]
"""The keys that each node depends on; None is the user."""


def reachable(state: State[Dependency, Node, str]) -> Graph:
    """Return the graph of the pins that are reachable from the user's requirements.

    Backtracking leaves pins that nothing depends on any more, some of them in cycles.
    """
    keys: dict[int, str | None] = {id(node): key for key, node in state.mapping.items()}
    keys[id(None)] = None
    children: Graph = {}
    for key, criterion in state.criteria.items():
        for parent in criterion.iter_parent():
            if id(parent) in keys:
                children.setdefault(keys[id(parent)], []).append(key)
    graph: Graph = {}
    pending: list[str | None] = [None]
    while pending:
        current = pending.pop()
        if current not in graph:
            graph[current] = list(dict.fromkeys(children.get(current, ())))
            pending += graph[current]
    return graph


def weights(graph: Graph, names: frozenset[NormalizedName]) -> Mapping[str, int]:
    """Return the weight of each of `names`; the greatest is installed first.

    Leaves are removed repeatedly and weigh the more the earlier. The rest consists of cycles, whose
    nodes weigh the length of the longest path to them. Source: pip 26.3's behaviour.
    """
    remaining = dict(graph)
    weight_of: dict[str, int] = {}
    while leaves := _leaves(remaining):
        weight = len(remaining) - 1
        weight_of.update((leaf, weight) for leaf in leaves if leaf in names)
        for leaf in leaves:
            del remaining[leaf]
    return weight_of | _depths(remaining, names)


def _leaves(graph: Graph) -> list[str]:
    return [
        key
        for key, children in graph.items()
        if key is not None and not any(child in graph for child in children)
    ]


def _depths(graph: Graph, names: frozenset[NormalizedName]) -> dict[str, int]:
    """Return the length of the longest simple path to each of `names` in a graph of cycles."""
    depths: dict[str | None, list[int]] = {}
    path: set[str | None] = set()

    def visit(key: str | None) -> None:
        if key in path or len(depths.get(key, ())) >= MAX_VISITS:
            return
        path.add(key)
        for child in graph[key]:
            if child in graph:
                visit(child)
        path.remove(key)
        if key in names:
            depths.setdefault(key, []).append(len(path))

    visit(None)
    return {key: max(lengths) for key, lengths in depths.items() if key is not None}
