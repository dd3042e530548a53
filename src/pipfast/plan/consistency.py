"""Whether the distributions of an environment agree with one another (`pip check`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata import Metadata


@dataclass(frozen=True, slots=True)
class MissingDependency:
    """`name` needs a distribution that is not there."""

    name: NormalizedName
    version: str
    requirement: Requirement

    def __str__(self) -> str:
        return f"{self.name} {self.version} requires {self.requirement}, which is not installed."


@dataclass(frozen=True, slots=True)
class ConflictingDependency:
    """`name` needs another release of a distribution that is there."""

    name: NormalizedName
    version: str
    requirement: Requirement
    found: NormalizedName
    found_version: str

    def __str__(self) -> str:
        return (
            f"{self.name} {self.version} requires {self.requirement}, but you have "
            f"{self.found} {self.found_version} which is incompatible."
        )


DependencyProblem = MissingDependency | ConflictingDependency


def problems_after(
    present: Mapping[NormalizedName, Metadata],
    incoming: Mapping[NormalizedName, Metadata],
    markers: Mapping[str, str],
) -> Sequence[DependencyProblem]:
    """What will not fit once `incoming` is in, of those that come in or need one that does.

    Missing ones first, each kind in the environment's order (pip behaviour).
    """
    after = {**present, **incoming}
    needs = {name: _needs(metadata, markers) for name, metadata in after.items()}
    watched = set(incoming) | {
        name
        for name, requirements in needs.items()
        if any(canonicalize_name(one.name) in incoming for one in requirements)
    }
    return problems({name: after[name] for name in after if name in watched}, after, markers)


def problems(
    of: Mapping[NormalizedName, Metadata],
    among: Mapping[NormalizedName, Metadata],
    markers: Mapping[str, str],
) -> Sequence[DependencyProblem]:
    """What the distributions `of` miss `among` all."""
    missing: list[DependencyProblem] = []
    conflicting: list[DependencyProblem] = []
    for name, metadata in of.items():
        requirements = sorted(_needs(metadata, markers), key=str)
        version = _shown(metadata.version)
        for requirement in dict.fromkeys(requirements):
            wanted = canonicalize_name(requirement.name)
            found = among.get(wanted)
            if found is None:
                missing.append(MissingDependency(name, version, requirement))
            elif not _fits(requirement, found.version):
                conflicting.append(
                    ConflictingDependency(name, version, requirement, wanted, _shown(found.version))
                )
    return [*missing, *conflicting]


def _needs(metadata: Metadata, markers: Mapping[str, str]) -> Iterable[Requirement]:
    try:
        return list(metadata.dependencies((), markers))
    except InvalidRequirement:
        return []


def _fits(requirement: Requirement, version: str) -> bool:
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _shown(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return version
