"""`pipfast tree`: show installed distributions with what they require, or what requires them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from pipfast.commands._dependency_graph import dependency_graph
from pipfast.commands._own_run import own_run
from pipfast.commands._project_arguments import projects
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.events import Level
from pipfast.plan.dependency_graph import Fit
from pipfast.plan.dependency_tree import Direction, edges_in, roots, trees
from pipfast.report import tree_lines
from pipfast.report.console import Console


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:  # noqa: ARG001 - the signature of own subcommands
    """Print the trees that the settings select; print the usage without settings.

    Return 1 if a project is not installed or a requirement that is shown is not satisfied.
    """
    return own_run(settings, tree_lines.USAGE, _tree)


def _tree(settings: Settings, console: Console) -> int:
    """Print the trees. Raises PipfastError."""
    depth = settings.values.get("depth")
    if isinstance(depth, int) and depth < 0:
        raise CommandError(tree_lines.NEGATIVE_DEPTH)
    asked = projects(settings.words)
    graph = dependency_graph(settings, console, asked)
    direction = Direction.DEPENDENTS if settings.flag("reverse") else Direction.REQUIREMENTS
    absent = [name for name in asked if name not in graph.nodes]
    if absent:
        console.say(tree_lines.not_installed(absent), Level.WARNING)
    present = [name for name in asked if name not in absent or graph.dependents_of(name)]
    names = present if asked else roots(graph, direction)
    branches = trees(graph, names, direction, depth if isinstance(depth, int) else None)
    if settings.flag("json"):
        console.print_json(tree_lines.document(branches, graph))
    elif branches:
        marks = tree_lines.marks_for(sys.stdout.encoding)
        console.print("\n".join(tree_lines.lines(branches, graph, direction, marks)))
    elif not asked:
        console.print(tree_lines.NOTHING_INSTALLED)
    unsatisfied = any(edge.fit is not Fit.SATISFIED for edge in edges_in(branches))
    return 1 if absent or unsatisfied else 0
