"""Why there is no solution, in pip's words.

Source: pip 26.3's behaviour (PARITY 10); scripts read these lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib.structs import RequirementInformation

from pipfast.errors import InstallationError
from pipfast.model.events import Level, Said
from pipfast.resolve.constraint import Constraint
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
ADVICE = (
    "To fix this you could try to:\n"
    "1. loosen the range of package versions you've specified\n"
    "2. remove package versions to allow pip to attempt to solve the dependency conflict\n"
)
LITERALLY = (
    'HINT: You are attempting to install a package literally named "requirements.txt" (which '
    "cannot exist). Consider using the '-r' flag to install the packages listed in "
    "requirements.txt"
)


class NoSolution(InstallationError):
    """The requirements cannot be met; `said` are the lines before the error, in order."""

    def __init__(self, message: str, said: Sequence[Said] = ()) -> None:
        super().__init__(message)
        self.said = tuple(said)


def explained(
    causes: Sequence[Cause], constraints: Mapping[NormalizedName, Constraint], ports: Ports
) -> NoSolution:
    """The error for a resolution that ended with `causes`."""
    python = [
        (need, cause.parent)
        for cause in causes
        if isinstance(need := cause.requirement, RequiresPythonRequirement) and not need.fits
    ]
    if python:
        return _wrong_python(python)
    if len(causes) == 1 and causes[0].requirement.key not in constraints:
        return _not_found(causes[0].requirement, causes[0].parent, ports.index)
    return _conflict(causes, constraints)


def _wrong_python(causes: Sequence[tuple[RequiresPythonRequirement, Node | None]]) -> NoSolution:
    need, parent = causes[0]
    version = need.python.version
    if len(causes) == 1:
        key = parent.key if parent else ""
        return NoSolution(
            f"Package {key!r} requires a different Python: {version} not in '{need.specifier}'"
        )
    lines = [f"Packages require a different Python. {version} not in:"]
    for need, parent in causes:
        by = parent.told() if parent else ""
        lines.append(f"'{need.specifier}' (required by {by})")
    return NoSolution("\n".join(lines))


def _not_found(need: Dependency, parent: Node | None, index: CandidateSource) -> NoSolution:
    text = _without_marker(need)
    if parent is not None:
        text = f"{text} (from {parent.key})"
    known = index.known(need.name)
    said = []
    if known.yanked:
        yanked = ", ".join(known.yanked)
        said.append(Said(Level.CRITICAL, f"Ignored the following yanked versions: {yanked}"))
    if known.refused_by_python:
        refused = "; ".join(known.refused_by_python)
        said.append(
            Said(
                Level.CRITICAL,
                "Ignored the following versions that require a different python version: "
                f"{refused}",
            )
        )
    said.append(Said(Level.CRITICAL, _refusal(need, text, known)))
    if need.text == "requirements.txt":
        said.append(Said(Level.INFO, LITERALLY))
    return NoSolution(f"No matching distribution found for {text}", said)


def _refusal(need: Dependency, text: str, known: ProjectVersions) -> str:
    versions = ", ".join(known.versions) or "none"
    if not known.locked:
        kind = "final version" if known.final_only else "version"
        return (
            f"Could not find a {kind} that satisfies the requirement {text} "
            f"(from versions: {versions})"
        )
    if known.final_only and Version(versions).is_prerelease:
        return (
            f"A pre-release version {versions} is specified in a provided lock file for "
            f"{need.name} but only final versions are allowed"
        )
    return (
        f"The requirement {text} is not compatible with version {versions} specified in a "
        "provided lock file"
    )


def _without_marker(need: Dependency) -> str:
    if not isinstance(need, SpecifierRequirement) or need.install_req.requirement is None:
        return need.text
    if need.install_req.requirement.marker is None:
        return need.text
    bare = Requirement(need.text)
    bare.marker = None
    return str(bare)


def _conflict(
    causes: Sequence[Cause], constraints: Mapping[NormalizedName, Constraint]
) -> NoSolution:
    triggers = {
        cause.requirement.told() if cause.parent is None else _trigger(cause.parent)
        for cause in causes
    }
    headline = (
        f"Cannot install {_joined(sorted(triggers))} because these package versions have "
        "conflicting dependencies."
    )
    lines = ["", "The conflict is caused by:"]
    for cause in causes:
        parent = cause.parent
        who = f"{parent.key} {parent.version} depends on" if parent else "The user requested"
        lines.append(f"    {who} {cause.requirement.told()}")
    named = dict.fromkeys(cause.requirement.key for cause in causes)
    lines += [
        f"    The user requested (constraint) {name}{constraint.told()}"
        for name, constraint in constraints.items()
        if name in named
    ]
    # pip asks for candidates without any requirement here and so finds none: it lists every
    # project that has a part in the conflict, whether it is available or not (PARITY 0.5).
    lines += [
        "",
        "Additionally, some packages in these conflicts have no matching distributions available "
        "for your environment:",
        *(f"    {key}" for key in sorted(named)),
        "",
        ADVICE,
    ]
    said = [Said(Level.CRITICAL, headline), Said(Level.INFO, "\n".join(lines))]
    return NoSolution(IMPOSSIBLE, said)


def _trigger(parent: Node) -> str:
    """What made the user's request need `parent`."""
    pair = f"{parent.key}=={parent.version}"
    if not isinstance(parent, LinkCandidate):
        return pair
    match parent.install_req.comes_from:
        case None:
            return pair
        case InstallRequirement(requirement=requirement):
            return requirement.name if requirement else "None"
        case str(place):
            return place


def _joined(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
