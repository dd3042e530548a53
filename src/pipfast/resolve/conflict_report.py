"""Explain with pip's messages why there is no solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib.structs import RequirementInformation

from pipfast.model.events import Message
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.errors import MissingRelease, NoSolution
from pipfast.resolve.events import (
    ConflictCause,
    ConflictExplained,
    ConflictFound,
    LockedPrereleaseExcluded,
    LockedVersionIncompatible,
    NoMatchingVersion,
    PythonVersionsIgnored,
    RequirementsFileAsProject,
    YankedVersionsIgnored,
)
from pipfast.resolve.graph import (
    Dependency,
    LinkCandidate,
    Node,
    RequiresPythonRequirement,
    SpecifierRequirement,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import CandidateSource, Ports, ProjectVersions

Cause = RequirementInformation[Dependency, Node]

IMPOSSIBLE = (
    "ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/"
    "dependency-resolution/#dealing-with-dependency-conflicts"
)


def no_solution(
    causes: Sequence[Cause], constraints: Mapping[NormalizedName, Constraint], ports: Ports
) -> NoSolution:
    """Return the error for a resolution that failed because of `causes`."""
    python = [
        (dependency, cause.parent)
        for cause in causes
        if isinstance(dependency := cause.requirement, RequiresPythonRequirement)
        and not dependency.fits
    ]
    if python:
        return _wrong_python(python)
    if len(causes) == 1 and causes[0].requirement.key not in constraints:
        return _not_found(causes[0].requirement, causes[0].parent, ports.index)
    return _conflict(causes, constraints)


def _wrong_python(causes: Sequence[tuple[RequiresPythonRequirement, Node | None]]) -> NoSolution:
    dependency, parent = causes[0]
    version = dependency.python.version
    if len(causes) == 1:
        key = parent.key if parent else ""
        specifier = dependency.specifier
        return NoSolution(
            f"Package {key!r} requires a different Python: {version} not in '{specifier}'"
        )
    lines = [f"Packages require a different Python. {version} not in:"]
    for dependency, parent in causes:
        dependent = parent.describe() if parent else ""
        lines.append(f"'{dependency.specifier}' (required by {dependent})")
    return NoSolution("\n".join(lines))


def _not_found(dependency: Dependency, parent: Node | None, index: CandidateSource) -> NoSolution:
    text = _without_marker(dependency)
    if parent is not None:
        text = f"{text} (from {parent.key})"
    found = index.versions(dependency.name)
    details: list[Message] = []
    if found.yanked:
        details.append(YankedVersionsIgnored(found.yanked))
    if found.excluded_by_python:
        details.append(PythonVersionsIgnored(found.excluded_by_python))
    details.append(_no_version(dependency.name, text, found))
    if dependency.text == "requirements.txt":
        details.append(RequirementsFileAsProject())
    message = f"No matching distribution found for {text}"
    missing = None
    if isinstance(dependency, SpecifierRequirement):
        missing = MissingRelease(dependency.name, dependency.specifier)
    return NoSolution(message, details, missing=missing)


def _no_version(project: str, requirement: str, found: ProjectVersions) -> Message:
    if not found.locked:
        return NoMatchingVersion(requirement, found.versions, found.final_only)
    version = ", ".join(found.versions) or "none"
    if found.final_only and Version(version).is_prerelease:
        return LockedPrereleaseExcluded(project, version)
    return LockedVersionIncompatible(requirement, version)


def _without_marker(dependency: Dependency) -> str:
    """Return the text of a dependency without its marker."""
    if not isinstance(dependency, SpecifierRequirement):
        return dependency.text
    requirement = dependency.install_req.requirement
    if requirement is None or requirement.marker is None:
        return dependency.text
    bare = Requirement(dependency.text)
    bare.marker = None
    return str(bare)


def _conflict(
    causes: Sequence[Cause], constraints: Mapping[NormalizedName, Constraint]
) -> NoSolution:
    roots = {
        cause.requirement.describe() if cause.parent is None else _root(cause.parent)
        for cause in causes
    }
    projects = dict.fromkeys(cause.requirement.key for cause in causes)
    explanation = ConflictExplained(
        causes=tuple(
            ConflictCause(cause.requirement.describe(), _dependent(cause)) for cause in causes
        ),
        constraints=tuple(
            f"{name}{constraint.describe()}"
            for name, constraint in constraints.items()
            if name in projects
        ),
        # pip lists every project of the conflict as unavailable, whether it is or not: it looks for
        # candidates without any requirement and so finds none.
        projects=tuple(sorted(projects)),
    )
    details: list[Message] = [ConflictFound(tuple(sorted(roots))), explanation]
    names = dict.fromkeys(cause.requirement.name for cause in causes)
    return NoSolution(IMPOSSIBLE, details, projects=tuple(names))


def _dependent(cause: Cause) -> str | None:
    return f"{cause.parent.key} {cause.parent.version}" if cause.parent else None


def _root(parent: Node) -> str:
    """Return the user's requirement that `parent` comes from, as pip prints it."""
    pin = f"{parent.key}=={parent.version}"
    if not isinstance(parent, LinkCandidate):
        return pin
    match parent.install_req.comes_from:
        case None:
            return pin
        case InstallRequirement(requirement=requirement):
            return requirement.name if requirement else "None"
        case str(line):
            return line
