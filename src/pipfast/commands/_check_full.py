"""What does not fit in an environment, in full: where a plain look at it was not enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.version import Version

from pipfast.environment.dependencies import needs_of
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import Metadata, parse_requirement
from pipfast.model.project_names import canonical_name
from pipfast.plan.consistency import Conflicting, Missing, Problem, problems
from pipfast.report.console import Console


def faults(
    found: Sequence[Installed], markers: Mapping[str, str], console: Console
) -> tuple[list[str], bool]:
    """A line for each requirement that is not met, and whether some could not be read at all.

    A distribution whose metadata cannot be read counts as absent, as with pip, and is told.
    """
    readings = {one.name: _metadata(one, console) for one in found}
    present = {name: metadata for name, metadata in readings.items() if metadata is not None}
    lines = list(map(_line, problems(present, present, markers)))
    return lines, len(present) < len(found)


def _metadata(one: Installed, console: Console) -> Metadata | None:
    """Its metadata; None, which is told, where some of them cannot be read."""
    try:
        needs = needs_of(one, errors="strict")
        for line in needs:
            parse_requirement(line)
        version = str(Version(one.version))
    except (OSError, ValueError) as error:
        text = f"Error parsing dependencies of {one.name}: {error}"
        console.say(text, Level.WARNING)
        return None
    return Metadata(name=one.raw_name, version=version, requires_dist=tuple(needs))


def _line(problem: Problem) -> str:
    match problem:
        case Missing(name, version, requirement):
            wanted = canonical_name(requirement.name)
            return f"{name} {version} requires {wanted}, which is not installed."
        case Conflicting(name, version, requirement, found, found_version):
            return (
                f"{name} {version} has requirement {requirement}, but you have {found} "
                f"{found_version}."
            )
