"""The dependency graph of an environment, for commands that explain it."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName

from pipfast.commands._environment import excluded, installed_distributions, target_interpreter
from pipfast.config.settings import Settings
from pipfast.environment.metadata_files import metadata_of
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import metadata_in
from pipfast.plan.dependency_graph import DependencyGraph, DistributionNode
from pipfast.report import tree_lines
from pipfast.report.console import Console

Extras = Mapping[NormalizedName, frozenset[NormalizedName]]


def dependency_graph(settings: Settings, console: Console, extras: Extras) -> DependencyGraph:
    """Return the graph of the environment; warn of invalid requirements. Raises PipfastError."""
    python = target_interpreter(settings, console)
    found = installed_distributions(settings, python, console, leave_out=excluded(settings))
    graph = DependencyGraph(map(_node, found), python.markers, extras)
    for one in graph.unreadable:
        console.say(tree_lines.unreadable(one.dependent, one.line), Level.WARNING)
    return graph


def _node(installed: Installed) -> DistributionNode:
    return DistributionNode(
        name=NormalizedName(installed.name),
        spelled=installed.raw_name,
        version=installed.raw_version or installed.version,
        requested=installed.requested,
        metadata=metadata_in(metadata_of(installed)),
    )
