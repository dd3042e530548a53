"""What hangs together in a finished resolution, and the order of installation."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName
from resolvelib.structs import State

from pipfast.resolve.graph import Dependency, Node

MOST_VISITS = 5
"""Paths followed through one node of a cycle; more changes little and may take for ever (pip)."""

Graph = dict[str | None, list[str]]
"""What each node needs; None is the user."""


def connected(state: State[Dependency, Node, str]) -> Graph:
    """The pins of `state` that the user's requirements lead to, and what each of them needs.

    Backtracking leaves pins behind that nobody needs any more, some in circles of their own.
    """
    keys: dict[int, str | None] = {id(node): key for key, node in state.mapping.items()}
    keys[id(None)] = None
    children: Graph = {}
    for key, criterion in state.criteria.items():
        for parent in criterion.iter_parent():
            if id(parent) in keys:
                children.setdefault(keys[id(parent)], []).append(key)
    reached: Graph = {}
    waiting: list[str | None] = [None]
    while waiting:
        above = waiting.pop()
        if above not in reached:
            reached[above] = list(dict.fromkeys(children.get(above, ())))
            waiting += reached[above]
    return reached


def weights(graph: Graph, names: frozenset[NormalizedName]) -> Mapping[str, int]:
    """How early each of `names` is installed: the greater, the earlier.

    Leaves are pruned first and weigh most; what is left are cycles, whose nodes weigh the longest
    of the paths to them. Source: pip 26.3's behaviour.
    """
    left = dict(graph)
    found: dict[str, int] = {}
    while leaves := _leaves(left):
        weight = len(left) - 1
        found.update((leaf, weight) for leaf in leaves if leaf in names)
        for leaf in leaves:
            del left[leaf]
    return found | _depths(left, names)


def _leaves(graph: Graph) -> list[str]:
    return [
        key
        for key, children in graph.items()
        if key is not None and not any(child in graph for child in children)
    ]


def _depths(graph: Graph, names: frozenset[NormalizedName]) -> dict[str, int]:
    """The longest path without a repetition to each of `names` in a graph of cycles."""
    depths: dict[str | None, list[int]] = {}
    path: set[str | None] = set()

    def visit(key: str | None) -> None:
        if key in path or len(depths.get(key, ())) >= MOST_VISITS:
            return
        path.add(key)
        for child in graph[key]:
            if child in graph:
                visit(child)
        path.remove(key)
        if key in names:
            depths.setdefault(key, []).append(len(path))

    visit(None)
    return {key: max(found) for key, found in depths.items() if key is not None}
