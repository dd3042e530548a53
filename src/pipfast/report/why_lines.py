"""Texts of `pipfast why`: who requires a distribution, up to what the user requested."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from packaging.utils import NormalizedName

from pipfast.plan.dependency_graph import DependencyGraph, Fit, RequirementEdge
from pipfast.plan.dependency_paths import Dependent, chains
from pipfast.report.tree_lines import edge_json, without_marker

USAGE = """Usage:
  pipfast why [options] <project>
  pipfast why [options] <project> -r <requirements file> ...
  pipfast why [options] <project> <requirement specifier> ...
  pipfast why --last [options] <project>

Explain why a project is installed: who requires it and with which constraint, up to what was
requested. With requirements, resolve them without installing anything, and explain the version:
every newer release with the reason why it was passed over, and what to change to get it.
The exit code is 1 if the project is not installed, or not part of the resolution.

Options:
  --last     Explain the resolution of the last install, download, wheel or lock, repeated now.
  --json     Print a JSON document.
  -v         List each newer release, not ranges of those with the same reason.

The options of pip's install that affect a resolution apply to one: --constraint, --group,
--index-url, --pre, --only-binary, --platform, --python-version and the others."""

NO_PROJECT = "why needs a project"
SEVERAL_SOURCES = "why --last takes a project and no requirements"


def installed(
    name: NormalizedName,
    graph: DependencyGraph,
    found: Sequence[Dependent],
    extras: Sequence[RequirementEdge],
) -> Iterator[str]:
    """Yield why a project is installed; `extras` are requirements of extras that may explain it."""
    yield _headline(name, graph, found)
    yield from required_by(found, graph, {})
    if extras:
        yield OPTIONAL
        yield from (f"  {_requirement(edge, graph)}" for edge in extras)


def _headline(name: NormalizedName, graph: DependencyGraph, found: Sequence[Dependent]) -> str:
    node = graph.nodes.get(name)
    if node is None:
        return f"{name} is not installed" + (", but it is required by" if found else "")
    text = f"{node.spelled} {node.version} is installed"
    if node.requested:
        return f"{text}: it was requested" + (", and is required by" if found else "")
    return f"{text}: it is required by" if found else f"{text}; nothing requires it"


OPTIONAL = "It belongs to extras, which may have been requested:"


def required_by(
    found: Iterable[Dependent],
    graph: DependencyGraph,
    origins: Mapping[NormalizedName, str],
    depth: int = 1,
) -> Iterator[str]:
    """Yield a line for each dependent, followed by the lines of its own dependents.

    `origins` has where the user requested a project, as far as that is known.
    """
    for one in found:
        yield f"{'  ' * depth}{_requirement(one.edge, graph)}{_end(one, graph, origins)}"
        yield from required_by(one.dependents, graph, origins, depth + 1)


def _requirement(edge: RequirementEdge, graph: DependencyGraph) -> str:
    dependent = graph.nodes[edge.dependent]
    extra = f"[{edge.extra}]" if edge.extra else ""
    text = f"{dependent.spelled}{extra} {dependent.version} requires "
    text += without_marker(edge.requirement)
    return f"{text}, which conflicts" if edge.fit is Fit.CONFLICTING else text


def _end(one: Dependent, graph: DependencyGraph, origins: Mapping[NormalizedName, str]) -> str:
    if one.repeated:
        return " (shown above)"
    if graph.nodes[one.name].requested:
        origin = origins.get(one.name)
        return f" (requested: {origin})" if origin else " (requested)"
    return " (not requested)" if one.ends else ""


def installed_json(
    name: NormalizedName,
    graph: DependencyGraph,
    found: Sequence[Dependent],
    extras: Sequence[RequirementEdge],
) -> str:
    """Return why a project is installed as JSON."""
    node = graph.nodes.get(name)
    document = {
        "version": "1",
        "project": name,
        "installed_version": node.version if node else None,
        "requested": bool(node and node.requested),
        **dependents_json(found, graph),
        "extras": [edge_json(edge, graph) for edge in extras],
    }
    return json.dumps(document, indent=2)


def dependents_json(found: Sequence[Dependent], graph: DependencyGraph) -> dict[str, Any]:
    """Return requirements on a project, and the paths from it to what was requested, as JSON."""
    return {
        "required_by": [edge_json(edge, graph) for edge in _edges(found)],
        "chains": [[edge.dependent for edge in chain] for chain in chains(tuple(found))],
    }


def _edges(found: Iterable[Dependent]) -> Iterator[RequirementEdge]:
    for one in found:
        yield one.edge
        yield from _edges(one.dependents)
