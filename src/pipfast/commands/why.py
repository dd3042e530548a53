"""`pipfast why`: explain why a project is installed, or why a resolution has its version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

from pipfast.commands._dependency_graph import dependency_graph
from pipfast.commands._own_run import own_run
from pipfast.commands._project_arguments import projects
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.plan.dependency_paths import dependents
from pipfast.report import why_lines
from pipfast.report.console import Console

_REQUIREMENTS = ("requirements", "editables", "dependency_groups", "requirements_from_scripts")


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:  # noqa: ARG001 - the signature of own subcommands
    """Explain the project that the settings name; print the usage without settings.

    Return 1 if it is not installed, or not part of the resolution.
    """
    return own_run(settings, why_lines.USAGE, _why)


def _why(settings: Settings, console: Console) -> int:
    """Print the explanation. Raises PipfastError."""
    if not settings.words:
        raise CommandError(why_lines.NO_PROJECT)
    [(project, extras)] = projects(settings.words[:1]).items()
    resolves = len(settings.words) > 1 or any(map(settings.flag, _REQUIREMENTS))
    if settings.flag("last") and resolves:
        raise CommandError(why_lines.SEVERAL_SOURCES)
    if not (resolves or settings.flag("last")):
        return _installed(project, {project: extras}, settings, console)
    from pipfast.commands._why_version import explain_version  # needs all of a resolution

    return explain_version(project, settings, console)


def _installed(
    project: NormalizedName,
    extras: Mapping[NormalizedName, frozenset[NormalizedName]],
    settings: Settings,
    console: Console,
) -> int:
    """Print who requires an installed project."""
    graph = dependency_graph(settings, console, extras)
    found = dependents(graph, project)
    optional = [] if found else list(graph.optional_dependents_of(project))
    if settings.flag("json"):
        console.print_json(why_lines.installed_json(project, graph, found, optional))
    else:
        console.print("\n".join(why_lines.installed(project, graph, found, optional)))
    return 0 if project in graph.nodes else 1
