"""The order of installation: what others need comes first."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName
from resolvelib.structs import DirectedGraph

MOST_VISITS = 5
"""Paths followed through one node of a cycle; more changes little and may take for ever (pip)."""


def weights(
    graph: DirectedGraph[str | None], names: frozenset[NormalizedName]
) -> Mapping[str, int]:
    """How early each of `names` is installed: the greater, the earlier.

    Leaves are pruned first and weigh most; what is left are cycles, whose nodes weigh the longest
    of the paths to them. `graph` is used up. Source: pip 26.3's behaviour.
    """
    found: dict[str, int] = {}
    while leaves := _leaves(graph):
        weight = len(graph) - 1
        found.update((leaf, weight) for leaf in leaves if leaf in names)
        for leaf in leaves:
            graph.remove(leaf)
    return found | _depths(graph, names)


def _leaves(graph: DirectedGraph[str | None]) -> list[str]:
    return [key for key in graph if key is not None and not list(graph.iter_children(key))]


def _depths(graph: DirectedGraph[str | None], names: frozenset[NormalizedName]) -> dict[str, int]:
    """The longest path without a repetition to each of `names` in a graph of cycles."""
    depths: dict[str | None, list[int]] = {}
    path: set[str | None] = set()

    def visit(key: str | None) -> None:
        if key in path or len(depths.get(key, ())) >= MOST_VISITS:
            return
        path.add(key)
        for child in graph.iter_children(key):
            visit(child)
        path.remove(key)
        if key in names:
            depths.setdefault(key, []).append(len(path))

    visit(None)
    return {key: max(found) for key, found in depths.items() if key is not None}
