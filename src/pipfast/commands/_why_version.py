"""The part of `pipfast why` that resolves: why a resolution has its version of a project."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import MappingProxyType

from packaging.utils import NormalizedName

from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.config.settings import Settings
from pipfast.config.settings import settings as settings_of
from pipfast.errors import CommandError
from pipfast.model.events import Event, Message
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.passed_over import VersionChoice
from pipfast.plan.dependency_graph import DependencyGraph
from pipfast.plan.dependency_paths import dependents
from pipfast.report import version_lines, why_lines
from pipfast.report.console import Console
from pipfast.report.version_json import version_json
from pipfast.session.last_resolution import last_resolution
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.run_context import run_context
from pipfast.session.targets import resolution_target, target_python
from pipfast.session.version_choice import ResolutionWitness, graph_of, origins, version_choice


def explain_version(project: NormalizedName, settings: Settings, console: Console) -> int:
    """Resolve what the settings request, and print why `project` has its version.

    Return 1 if it is not part of the resolution. Raises PipfastError, OSError.
    """
    if settings.flag("last"):
        asked = _of_last_run(settings, console)
    else:
        asked = replace(settings, words=settings.words[1:])
    result = _resolved(project, _as_dry_run(asked), console)
    console.quieten()
    if settings.flag("json"):
        found = dependents(result.graph, project)
        console.print_json(version_json(project, result.choice, found, result.graph))
    elif result.choice is None:
        console.print(version_lines.not_chosen(project))
    else:
        _print(project, result, result.choice, console, each=settings.verbosity > 0)
    return 1 if result.choice is None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What is to be explained: `choice` is None if the project is not part of the resolution.

    `origins` are the user's requirements by project.
    """

    choice: VersionChoice | None
    graph: DependencyGraph
    origins: Mapping[NormalizedName, str]


def _resolved(project: NormalizedName, settings: Settings, console: Console) -> _Result:
    """Resolve, and find out why the project has its version; only progress is shown."""

    def progress(event: Event) -> None:
        if not isinstance(event, Message):
            console(event)

    witness = ResolutionWitness(progress)
    quiet = Console(verbosity=-1, color=not settings.flag("no_color"), progress_bar="off")
    with signals_as_exceptions(), held(), run_context(settings, quiet) as run, interruptible():
        python = target_python(run)
        target = resolution_target(run, python)
        with (
            held(),
            resolved_requirements(run, target, observer=witness) as resolved,
            interruptible(),
        ):
            graph = graph_of(resolved, python.markers)
            pins = (one for one in resolved.resolution.pins if one.name == project)
            pin = next(pins, None)
            choice = None
            if pin is not None:
                choice = version_choice(pin, resolved, graph, witness, python.markers)
            return _Result(choice=choice, graph=graph, origins=origins(resolved))


def _print(
    project: NormalizedName, result: _Result, choice: VersionChoice, console: Console, *, each: bool
) -> None:
    found = dependents(result.graph, project)
    lines = [
        version_lines.headline(choice, is_required=bool(found or choice.limits)),
        *version_lines.limits(choice),
        *why_lines.required_by(found, result.graph, result.origins),
        *version_lines.newer(choice, each=each),
    ]
    console.print("\n".join(lines))


def _of_last_run(settings: Settings, console: Console) -> Settings:
    """Return the settings of the last run that resolved something, and change to its folder.

    Raises CommandError if there is none, or if its credentials are not known.
    """
    last = last_resolution(settings)
    if last is None:
        raise CommandError(version_lines.NOTHING_NOTED)
    command = " ".join(["pipfast", *last.words])
    if last.lacks_credentials:
        raise CommandError(version_lines.hidden(command))
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(last.moment))
    if not settings.flag("json"):
        console.print(version_lines.repeated(command, moment, last.folder))
    os.chdir(last.folder)
    return replace(settings_of(last.words, os.environ, settings.program), python=last.python)


def _as_dry_run(settings: Settings) -> Settings:
    """Return the settings of an install into an empty environment that changes nothing."""
    values = {**settings.values, "dry_run": True, "ignore_installed": True, "verbose": 0}
    return replace(settings, command="install", values=MappingProxyType(values))
