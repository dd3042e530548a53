"""Check an environment with full version and marker rules, where simple ones do not suffice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.version import Version

from pipfast.environment.dependencies import requirements_of
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import Metadata, parse_requirement
from pipfast.model.project_names import canonical_name
from pipfast.plan.consistency import (
    ConflictingDependency,
    DependencyProblem,
    MissingDependency,
    problems,
)
from pipfast.report import check_lines
from pipfast.report.console import Console


def broken_requirements(
    found: Sequence[Installed], markers: Mapping[str, str], console: Console
) -> tuple[list[str], bool]:
    """Return a line for each broken requirement, and whether some metadata cannot be read.

    A distribution whose metadata cannot be read counts as absent, with a warning (pip behaviour).
    """
    readings = {each.name: _metadata(each, console) for each in found}
    present = {name: metadata for name, metadata in readings.items() if metadata is not None}
    lines = list(map(_line, problems(present, present, markers)))
    return lines, len(present) < len(found)


def _metadata(installed: Installed, console: Console) -> Metadata | None:
    """Return the metadata; warn and return None if they cannot be read."""
    try:
        requirements = requirements_of(installed, errors="strict")
        for line in requirements:
            parse_requirement(line)
        version = str(Version(installed.version))
    except (OSError, ValueError) as error:
        console.say(check_lines.unreadable(installed.name, error), Level.WARNING)
        return None
    return Metadata(name=installed.raw_name, version=version, requires_dist=tuple(requirements))


def _line(problem: DependencyProblem) -> str:
    match problem:
        case MissingDependency(name, version, requirement):
            return check_lines.missing(name, version, canonical_name(requirement.name))
        case ConflictingDependency(name, version, requirement, found, found_version):
            return check_lines.conflicting(
                f"{name} {version}", str(requirement), f"{found} {found_version}"
            )
