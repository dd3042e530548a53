"""Why releases of a project were passed over: values that `report/version_lines.py` renders."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass


class Reason:
    """Base class of reasons why a release was passed over."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A requirement or constraint on a project.

    `dependent` is the distribution that has it, empty for the user; `place` is then the line of a
    file, empty for the command line.
    """

    requirement: str
    dependent: str = ""
    place: str = ""
    is_constraint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPython(Reason):
    """The release needs another Python than `python`."""

    needs: str
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPlatforms(Reason):
    """The release has wheels for `tags` only, and none for `target`."""

    tags: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatNotAllowed(Reason):
    """An option excludes the only format of the release: wheels if `binary`, else the sdist."""

    binary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedLater(Reason):
    """The release was uploaded at `uploaded`, after ``--uploaded-prior-to``."""

    uploaded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableFiles(Reason):
    """No file of the release can be used, for a reason in pip's words."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Yanked(Reason):
    """The release was yanked (PEP 592); `why` may be empty."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerelease(Reason):
    """The release is a pre-release; an option excludes those if `by_option`, else the default."""

    by_option: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedBy(Reason):
    """Requirements or constraints exclude the release."""

    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Reason):
    """What the release requires, `own`, contradicts `others`."""

    own: tuple[Limit, ...]
    others: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class OtherHashes(Reason):
    """No file of the release has one of the hashes that the user gives."""


@dataclass(frozen=True, slots=True)
class SourcesOnly(Reason):
    """The release has no wheel for the target, and wheels are preferred (``--prefer-binary``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRelease(Reason):
    """The metadata of the release are invalid, for the reason `error`."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InconsistentRelease(Reason):
    """A `field` of the metadata is `found`, and not `expected` as the file name says."""

    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class BuildFails(Reason):
    """The source of the release cannot be built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOtherIndex(Reason):
    """The release is on `page` of an index that is not used: `used` comes first."""

    page: str
    used: str


@dataclass(frozen=True, slots=True)
class Locked(Reason):
    """A lock file names another file of the project."""


@dataclass(frozen=True, slots=True)
class Abandoned(Reason):
    """The resolver passed over the release while it resolved a conflict of other projects."""


class Trial:
    """Base class of what a resolution with a release and without its obstacles led to."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolves(Trial):
    """The release can be had by changing what its reasons name, and `also` these.

    `instead` are dependents, each with the release that takes its place, empty if none does.
    """

    also: tuple[Limit, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails(Trial):
    """The release cannot be had even if all of the user's requirements are loosened.

    Either nothing satisfies the requirement `missing`, or the `causes` of other distributions are
    in conflict with the release or with each other.
    """

    missing: str = ""
    causes: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A release that is newer than the chosen one; `trial` is None if it was not tried."""

    version: str
    reasons: tuple[Reason, ...]
    trial: Trial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChoice:
    """Why a resolution has this version of a project.

    `file` is the name of the chosen file, and `origin` the page it was found on. If `is_direct`, a
    requirement names the distribution: `file` is its address, and no other release is considered.
    `limits` are the user's requirements and constraints on the project. `newer` are the newer
    releases, newest first.
    """

    project: str
    version: str
    file: str
    origin: str
    is_direct: bool
    limits: tuple[Limit, ...]
    newer: tuple[PassedOver, ...]
