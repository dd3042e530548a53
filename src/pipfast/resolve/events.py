"""Messages of the resolver."""

from __future__ import annotations

from enum import Enum

from pipfast.errors import OwnError
from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.remedies import OldRelease, UndeclaredModule

# Requirements and candidates


@dataclass(frozen=True, slots=True)
class RequirementIgnored(Message):
    """The marker of a user's requirement does not apply; `name` is None if it has no name."""

    name: str | None
    marker: str


@dataclass(frozen=True, slots=True)
class RequirementSatisfied(Message):
    """An installed distribution satisfies a requirement.

    `comes_from` is the chain of requirements above it, empty for the command line.
    """

    requirement: str
    version: str
    location: str
    comes_from: str


@dataclass(frozen=True, slots=True)
class InstalledNotHashed(Message):
    """Hashes are required, and an installed distribution is used without a check."""

    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class Collecting(Message):
    """The metadata of a remote candidate is read; `comes_from` is the chain of requirements."""

    requirement: str
    comes_from: str


@dataclass(frozen=True, slots=True)
class Processing(Message):
    """The metadata of a local file or directory is read."""

    path: str
    comes_from: str


@dataclass(frozen=True, slots=True)
class Obtaining(Message):
    """The metadata of an editable project is read."""

    requirement: str


@dataclass(frozen=True, slots=True)
class CachedWheelUsed(Message):
    """The metadata of a source is read from a wheel that was built from it before."""

    filename: str


@dataclass(frozen=True, slots=True)
class CachedWheelChosen(Message):
    """A wheel that was built before, at `link`, stands for a source."""

    link: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class InconsistentMetadata(Message):
    """A candidate is discarded: a field of its metadata differs from its link or requirement."""

    link: str
    requirement: str
    metadata_field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class InvalidReleaseIgnored(Message):
    """A release is ignored because its metadata is invalid; `error` is the error's message."""

    project: str
    version: str
    error: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class ExtraNotProvided(Message):
    """A distribution does not provide a requested extra."""

    project: str
    version: str
    extra: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class IndexChosen(Message):
    """A project is on several indexes; `page` is where its release is from."""

    project: str
    version: str
    page: str
    other_pages: tuple[str, ...]
    level: Level = field(default=Level.VERBOSE, kw_only=True)


# Progress of a resolution


class BacktrackingNotice(Enum):
    """What is printed about rejected candidates of a project; the values are their number."""

    MULTIPLE_VERSIONS = 2
    STILL_MULTIPLE_VERSIONS = 8
    TAKES_LONGER = 13


@dataclass(frozen=True, slots=True)
class Backtracking(Message):
    """Several candidates of `project` were rejected; it may have extras."""

    project: str
    notice: BacktrackingNotice


@dataclass(frozen=True, slots=True)
class ConflictCause:
    """A requirement that has a part in a conflict; `dependent` is None for the user."""

    requirement: str
    dependent: str | None


@dataclass(frozen=True, slots=True)
class CandidateRejected(Message):
    """A candidate is rejected because of `causes`, and of the user's `constraint` if any."""

    causes: tuple[ConflictCause, ...]
    constraint: str | None
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class ReporterCalled(Message):
    """A method of the reporter was called; the arguments are their ``repr`` in pip."""

    method: str
    arguments: tuple[str, ...] = ()


# A failed resolution


@dataclass(frozen=True, slots=True)
class YankedVersionsIgnored(Message):
    """A project has yanked versions, which were not considered."""

    versions: tuple[str, ...]
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class PythonVersionsIgnored(Message):
    """A project has versions for other Pythons: ``2.0 Requires-Python >=3.99``."""

    versions: tuple[str, ...]
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class NoMatchingVersion(Message):
    """No version on the indexes satisfies a requirement."""

    requirement: str
    versions: tuple[str, ...]
    final_only: bool
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class LockedVersionIncompatible(Message):
    """A requirement excludes the version in a lock file."""

    requirement: str
    version: str
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class LockedPrereleaseExcluded(Message):
    """The version in a lock file is a pre-release, and only final versions are allowed."""

    project: str
    version: str
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class RequirementsFileAsProject(Message):
    """The user requested a project that is called ``requirements.txt``."""


@dataclass(frozen=True, slots=True)
class ConflictFound(Message):
    """Requirements conflict; `roots` are the user's requirements that lead to the conflict."""

    roots: tuple[str, ...]
    level: Level = field(default=Level.CRITICAL, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConflictExplained(Message):
    """The requirements and constraints of a conflict, and all projects that are part of it."""

    causes: tuple[ConflictCause, ...]
    constraints: tuple[str, ...]
    projects: tuple[str, ...]


# Relaxed rules


@dataclass(frozen=True, slots=True)
class RuleRelaxed(Message):
    """Base class: parity mode relaxes a rule; with the error `failure` pip ends here."""

    failure: str | OwnError
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class LocalVersionAccepted(RuleRelaxed):
    """Metadata of `project` with version `found` is accepted for `expected`."""

    project: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class RequirementMended(RuleRelaxed):
    """An invalid `line` in the metadata of `project` is read as `meaning`."""

    project: str
    line: str
    meaning: str


@dataclass(frozen=True, slots=True)
class BrokenSourceSkipped(RuleRelaxed):
    """The resolution continues with wheels of `project` only; its source cannot be built."""

    project: str
    version: str


@dataclass(frozen=True, slots=True)
class MetadataFileIgnored(RuleRelaxed):
    """An announced metadata file is missing; the wheel or sdist itself is read."""

    is_wheel: bool


@dataclass(frozen=True, slots=True)
class ModuleMadeVisible(Message):
    """A build sees `provider`, which has a module that the build does not declare."""

    module: UndeclaredModule
    provider: str
    level: Level = field(default=Level.WARNING, kw_only=True)


# Old releases


@dataclass(frozen=True, slots=True)
class OldReleaseChosen(Message):
    """A requested project resolves to a release that is much older than the newest one tried."""

    release: OldRelease


@dataclass(frozen=True, slots=True)
class OldReleaseTried(Message):
    """A distribution that failed was tried only because newer releases were rejected."""

    release: OldRelease
    level: Level = field(default=Level.WARNING, kw_only=True)
