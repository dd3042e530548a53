"""Check that the requirements of installed distributions are satisfied (`pip check`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.model.fast_versions import version_text
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import Metadata
from pipfast.plan.events import DependenciesUnreadable


@dataclass(frozen=True, slots=True)
class MissingDependency:
    """`name` requires a distribution that is not installed."""

    name: NormalizedName
    version: str
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class ConflictingDependency:
    """`name` requires another version of a distribution than the installed one."""

    name: NormalizedName
    version: str
    requirement: Requirement
    found: NormalizedName
    found_version: str


DependencyProblem = MissingDependency | ConflictingDependency


def problems_after(
    installed: Mapping[NormalizedName, Metadata],
    incoming: Mapping[NormalizedName, Metadata],
    markers: Mapping[str, str],
) -> Sequence[DependencyProblem]:
    """Return the problems after an installation of `incoming`, of these and their dependents.

    Missing dependencies come first, each kind in the environment's order (pip behaviour).
    """
    after = {**installed, **incoming}
    requirements = {name: _dependencies(metadata, markers) for name, metadata in after.items()}
    dependents = {
        name
        for name, required in requirements.items()
        if any(canonicalize_name(each.name) in incoming for each in required)
    }
    checked = dependents | set(incoming)
    return problems({name: after[name] for name in after if name in checked}, after, markers)


def readable(
    installed: Mapping[NormalizedName, Metadata], markers: Mapping[str, str]
) -> tuple[dict[NormalizedName, Metadata], tuple[DependenciesUnreadable, ...]]:
    """Return the distributions whose version and requirements are valid, and what else there is.

    A distribution with an invalid one counts as absent (pip behaviour).
    """
    valid: dict[NormalizedName, Metadata] = {}
    messages: list[DependenciesUnreadable] = []
    for name, metadata in installed.items():
        try:
            list(metadata.dependencies((), markers))
            if version_text(metadata.version) is None:
                Version(metadata.version)
        except ValueError as error:  # noqa: PERF203 - few are invalid
            messages.append(DependenciesUnreadable(name, str(error)))
        else:
            valid[name] = metadata
    return valid, tuple(messages)


def problems(
    checked: Mapping[NormalizedName, Metadata],
    installed: Mapping[NormalizedName, Metadata],
    markers: Mapping[str, str],
) -> Sequence[DependencyProblem]:
    """Return the requirements of `checked` that `installed` does not satisfy."""
    missing: list[DependencyProblem] = []
    conflicting: list[DependencyProblem] = []
    for name, metadata in checked.items():
        requirements = sorted(dict.fromkeys(_dependencies(metadata, markers)), key=_in_pips_order)
        version = _normalized(metadata.version)
        for requirement in requirements:
            project = canonicalize_name(requirement.name)
            found = installed.get(project)
            if found is None:
                missing.append(MissingDependency(name, version, requirement))
            elif not is_satisfied_by(requirement, found.version):
                conflict = (name, version, requirement, project, _normalized(found.version))
                conflicting.append(ConflictingDependency(*conflict))
    return [*missing, *conflicting]


def _dependencies(metadata: Metadata, markers: Mapping[str, str]) -> Iterable[Requirement]:
    try:
        return list(metadata.dependencies((), markers))
    except InvalidRequirement:
        return []


def _in_pips_order(requirement: Requirement) -> str:
    """Return the key by which pip sorts: the text of a pair, with the normalised name first."""
    return str((canonicalize_name(requirement.name), requirement))


def is_satisfied_by(requirement: Requirement, version: str) -> bool:
    """Return whether a version satisfies a requirement; an invalid one satisfies none."""
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except ValueError:  # invalid, or a number with too many digits
        return False


def _normalized(version: str) -> str:
    """Return the normalized form of a version, or an invalid version unchanged."""
    try:
        return str(Version(version))
    except ValueError:  # invalid, or a number with too many digits
        return version
