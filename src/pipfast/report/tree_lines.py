"""Texts of `pipfast tree`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from packaging.requirements import Requirement

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import redact
from pipfast.plan.dependency_graph import DependencyGraph, DistributionNode, Fit, RequirementEdge
from pipfast.plan.dependency_tree import Branch, Cut, Direction, edges_in, names_in

USAGE = """Usage:
  pipfast tree [options] [<project> ...]

Show installed distributions with what they require. Without a project, begin with those that
nothing requires. The exit code is 1 if a project is not installed, or if a requirement that is
shown is missing or not satisfied.

Options:
  --reverse            Show what requires a distribution, instead of what it requires.
  --depth <n>          Show at most <n> levels below each distribution.
  --json               Print a JSON document.
  -l, --local          Leave out distributions that a virtual environment sees outside of it.
  --user               Only distributions in the user site.
  --path <path>        Only distributions in this folder; may be repeated.
  --exclude <project>  Leave out a project; may be repeated."""

NEGATIVE_DEPTH = "--depth must not be negative"
NOTHING_INSTALLED = "No distribution is installed."
REPEATED = "(*) shown above"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is drawn before an inner branch and before the last one, and before lines below them."""

    inner: str
    last: str
    under_inner: str
    under_last: str


LINES = Marks(inner="├── ", last="└── ", under_inner="│   ", under_last="    ")
ASCII = Marks(inner="|-- ", last="`-- ", under_inner="|   ", under_last="    ")

_CUTS = {Cut.CYCLE: " (cycle)", Cut.REPEATED: " (*)", Cut.DEPTH: " ..."}
_FITS = {Fit.SATISFIED: "", Fit.CONFLICTING: "conflict", Fit.MISSING: "missing"}


def marks_for(encoding: str | None) -> Marks:
    """Return the marks that an output with this encoding can print."""
    try:
        LINES.inner.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return LINES


def not_installed(names: Iterable[str]) -> str:
    """Return the warning about projects that are not installed."""
    return f"Not installed: {', '.join(names)}"


def unreadable(dependent: str, line: str) -> str:
    """Return the warning about a requirement that is not valid."""
    return f"{dependent} has an invalid requirement, which is left out: {line}"


def lines(
    branches: Sequence[Branch], graph: DependencyGraph, direction: Direction, marks: Marks
) -> Iterator[str]:
    """Yield the trees, drawn with `marks`, and what ``(*)`` means if a line ends with it."""
    drawn = [line for branch in branches for line in _drawn(branch, graph, direction, marks)]
    yield from drawn
    if any(line.endswith(_CUTS[Cut.REPEATED]) for line in drawn):
        yield REPEATED


def _drawn(
    root: Branch, graph: DependencyGraph, direction: Direction, marks: Marks
) -> Iterator[str]:
    pending = [(root, "", "")]
    while pending:
        branch, before, under = pending.pop()
        yield f"{before}{_label(branch, graph, direction)}"
        below = []
        for child in branch.branches:
            is_last = child is branch.branches[-1]
            mark, margin = (
                (marks.last, marks.under_last) if is_last else (marks.inner, marks.under_inner)
            )
            below.append((child, f"{under}{mark}", f"{under}{margin}"))
        pending += reversed(below)


def _label(branch: Branch, graph: DependencyGraph, direction: Direction) -> str:
    """Return the text of a branch without its subtree: ``dep 1.0 (needs >=1)``."""
    node = graph.nodes.get(branch.name)
    text = f"{node.spelled} {node.version}" if node else branch.name
    if branch.edge is not None:
        text += _notes(branch.edge, direction)
    elif node is None:
        text += f" {_FITS[Fit.MISSING]}"
    elif node.requested:
        text += " (requested)"
    return text + (_CUTS[branch.cut] if branch.cut else "")


def _notes(edge: RequirementEdge, direction: Direction) -> str:
    requirement = edge.requirement
    forward = direction is Direction.REQUIREMENTS
    needed = constraint(requirement) if forward else without_marker(requirement)
    notes = [f"needs {needed}"] if needed else []
    if edge.extra:
        notes.append(f"extra {edge.extra}")
    text = f" ({', '.join(notes)})" if notes else ""
    return f"{text} {_FITS[edge.fit]}" if _FITS[edge.fit] else text


def constraint(requirement: Requirement) -> str:
    """Return what follows the name in a requirement, without its marker: ``[socks]>=2``."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    url = f" @ {redact(requirement.url)}" if requirement.url else ""
    return f"{extras}{requirement.specifier}{url}".strip()


def without_marker(requirement: Requirement) -> str:
    """Return a requirement without its marker: ``requests[socks]>=2``."""
    separator = " " if requirement.url and not requirement.extras else ""
    return f"{requirement.name}{separator}{constraint(requirement)}"


def document(branches: Sequence[Branch], graph: DependencyGraph) -> str:
    """Return what trees show as JSON: distributions and requirements, each once."""
    names = sorted(names_in(branches))
    edges = {id(edge): edge for edge in edges_in(branches)}
    return json.dumps(
        {
            "version": "1",
            "roots": [branch.name for branch in branches],
            "distributions": [
                node_json(graph.nodes[name], graph) for name in names if name in graph.nodes
            ],
            "requirements": [edge_json(edge, graph) for edge in edges.values()],
        },
        indent=2,
    )


def node_json(node: DistributionNode, graph: DependencyGraph) -> dict[str, Any]:
    """Return an installed distribution as it is in JSON documents."""
    return {
        "project": node.name,
        "name": node.spelled,
        "version": node.version,
        "requested": node.requested,
        "extras": sorted(graph.extras.get(node.name, ())),
    }


def edge_json(edge: RequirementEdge, graph: DependencyGraph) -> dict[str, Any]:
    """Return a requirement as it is in JSON documents."""
    found = graph.nodes.get(edge.required)
    text, url = str(edge.requirement), edge.requirement.url
    return {
        "dependent": edge.dependent,
        "project": edge.required,
        "requirement": text.replace(url, redact(url)) if url else text,
        "extra": edge.extra or None,
        "state": edge.fit.value,
        "installed_version": found.version if found else None,
    }
