"""Texts of the resolver's messages."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.errors import OwnError
from pipfast.report.failure import message_of
from pipfast.report.hint_text import older_than, text_of, undeclared
from pipfast.report.render import renders
from pipfast.resolve.events import (
    Backtracking,
    BacktrackingNotice,
    BrokenSourceSkipped,
    CachedWheelChosen,
    CachedWheelUsed,
    CandidateRejected,
    Collecting,
    ConflictCause,
    ConflictExplained,
    ConflictFound,
    ExtraNotProvided,
    InconsistentMetadata,
    IndexChosen,
    InstalledNotHashed,
    InvalidReleaseIgnored,
    LocalVersionAccepted,
    LockedPrereleaseExcluded,
    LockedVersionIncompatible,
    MetadataFileIgnored,
    ModuleMadeVisible,
    NoMatchingVersion,
    Obtaining,
    OldReleaseChosen,
    OldReleaseTried,
    Processing,
    PythonVersionsIgnored,
    ReporterCalled,
    RequirementIgnored,
    RequirementMended,
    RequirementSatisfied,
    RequirementsFileAsProject,
    YankedVersionsIgnored,
)

_BACKTRACKING = {
    BacktrackingNotice.MULTIPLE_VERSIONS: (
        "INFO: pip is looking at multiple versions of {} to determine which version is "
        "compatible with other requirements. This could take a while."
    ),
    BacktrackingNotice.STILL_MULTIPLE_VERSIONS: (
        "INFO: pip is still looking at multiple versions of {} to determine which version is "
        "compatible with other requirements. This could take a while."
    ),
    BacktrackingNotice.TAKES_LONGER: (
        "INFO: This is taking longer than usual. You might need to provide the dependency "
        "resolver with stricter constraints to reduce runtime. See "
        "https://pip.pypa.io/warnings/backtracking for guidance. If you want to abort this run, "
        "press Ctrl + C."
    ),
}


# Requirements and candidates


@renders(RequirementIgnored)
def _requirement_ignored(message: RequirementIgnored) -> str:
    return f"Ignoring {message.name}: markers '{message.marker}' don't match your environment"


@renders(RequirementSatisfied)
def _requirement_satisfied(message: RequirementSatisfied) -> str:
    return (
        f"Requirement already satisfied: {message.requirement} in {message.location}"
        f"{_origin(message.comes_from)} ({message.version})"
    )


@renders(InstalledNotHashed)
def _installed_not_hashed(_: InstalledNotHashed) -> str:
    return (
        "Since it is already installed, we are trusting this package without checking its hash. "
        "To ensure a completely repeatable environment, install into an empty virtualenv."
    )


@renders(Collecting)
def _collecting(message: Collecting) -> str:
    return f"Collecting {message.requirement}{_origin(message.comes_from)}"


@renders(Processing)
def _processing(message: Processing) -> str:
    return f"Processing {message.path}{_origin(message.comes_from)}"


@renders(Obtaining)
def _obtaining(message: Obtaining) -> str:
    return f"Obtaining {message.requirement}"


@renders(CachedWheelUsed)
def _cached_wheel_used(message: CachedWheelUsed) -> str:
    return f"Using cached {message.filename}"


@renders(CachedWheelChosen)
def _cached_wheel_chosen(message: CachedWheelChosen) -> str:
    return f"Using cached wheel link: {message.link}"


@renders(InconsistentMetadata)
def _inconsistent_metadata(message: InconsistentMetadata) -> str:
    return (
        f"Discarding {message.link}: Requested {message.requirement} has inconsistent "
        f"{message.metadata_field}: expected {message.expected!r}, but metadata has "
        f"{message.found!r}"
    )


@renders(InvalidReleaseIgnored)
def _invalid_release_ignored(message: InvalidReleaseIgnored) -> str:
    return (
        f"Ignoring version {message.version} of {message.project} since it has invalid "
        f"metadata:\n{message.error}\n"
        "Please use pip<24.1 if you need to use this version."
    )


@renders(ExtraNotProvided)
def _extra_not_provided(message: ExtraNotProvided) -> str:
    return f"{message.project} {message.version} does not provide the extra '{message.extra}'"


@renders(IndexChosen)
def _index_chosen(message: IndexChosen) -> str:
    count = len(message.other_pages) + 1
    return (
        f"{message.project} is on {count} indexes: {message.version} is taken from "
        f"{message.page}, not from {', '.join(message.other_pages)}"
    )


def _origin(comes_from: str) -> str:
    return f" (from {comes_from})" if comes_from else ""


# Progress of a resolution


@renders(Backtracking)
def _backtracking(message: Backtracking) -> str:
    return _BACKTRACKING[message.notice].format(message.project)


@renders(CandidateRejected)
def _candidate_rejected(message: CandidateRejected) -> str:
    lines = ["Will try a different candidate, due to conflict:"]
    lines += [f"    {_cause(cause)}" for cause in message.causes]
    if message.constraint is not None:
        lines.append(f"    The user requested (constraint) {message.constraint}")
    return "\n".join(lines)


@renders(ReporterCalled)
def _reporter_called(message: ReporterCalled) -> str:
    return f"Reporter.{message.method}({', '.join(message.arguments)})"


# A failed resolution


@renders(YankedVersionsIgnored)
def _yanked_versions_ignored(message: YankedVersionsIgnored) -> str:
    return f"Ignored the following yanked versions: {', '.join(message.versions)}"


@renders(PythonVersionsIgnored)
def _python_versions_ignored(message: PythonVersionsIgnored) -> str:
    return (
        "Ignored the following versions that require a different python version: "
        f"{'; '.join(message.versions)}"
    )


@renders(NoMatchingVersion)
def _no_matching_version(message: NoMatchingVersion) -> str:
    kind = "final version" if message.final_only else "version"
    return (
        f"Could not find a {kind} that satisfies the requirement {message.requirement} "
        f"(from versions: {', '.join(message.versions) or 'none'})"
    )


@renders(LockedVersionIncompatible)
def _locked_version_incompatible(message: LockedVersionIncompatible) -> str:
    return (
        f"The requirement {message.requirement} is not compatible with version {message.version} "
        "specified in a provided lock file"
    )


@renders(LockedPrereleaseExcluded)
def _locked_prerelease_excluded(message: LockedPrereleaseExcluded) -> str:
    return (
        f"A pre-release version {message.version} is specified in a provided lock file for "
        f"{message.project} but only final versions are allowed"
    )


@renders(RequirementsFileAsProject)
def _requirements_file_as_project(_: RequirementsFileAsProject) -> str:
    return (
        'HINT: You are attempting to install a package literally named "requirements.txt" (which '
        "cannot exist). Consider using the '-r' flag to install the packages listed in "
        "requirements.txt"
    )


@renders(ConflictFound)
def _conflict_found(message: ConflictFound) -> str:
    return (
        f"Cannot install {_joined(message.roots)} because these package versions have "
        "conflicting dependencies."
    )


@renders(ConflictExplained)
def _conflict_explained(message: ConflictExplained) -> str:
    lines = [
        "",
        "The conflict is caused by:",
        *(f"    {_cause(cause)}" for cause in message.causes),
        *(f"    The user requested (constraint) {text}" for text in message.constraints),
        "",
        "Additionally, some packages in these conflicts have no matching distributions available "
        "for your environment:",
        *(f"    {project}" for project in message.projects),
        "",
        "To fix this you could try to:",
        "1. loosen the range of package versions you've specified",
        "2. remove package versions to allow pip to attempt to solve the dependency conflict",
        "",
    ]
    return "\n".join(lines)


def _cause(cause: ConflictCause) -> str:
    if cause.dependent is None:
        return f"The user requested {cause.requirement}"
    return f"{cause.dependent} depends on {cause.requirement}"


def _joined(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


# Relaxed rules


def _relaxed(failure: str | OwnError, reason: str) -> str:
    """Return the line that announces a relaxed rule; `failure` is pip's error."""
    text = failure if isinstance(failure, str) else message_of(failure)
    first = text.strip().partition("\n")[0].rstrip(".")
    return f"pip would have failed here: {first}; continuing because {reason}"


@renders(LocalVersionAccepted)
def _local_version_accepted(message: LocalVersionAccepted) -> str:
    fact = f"the metadata of {message.project} {message.expected} has version {message.found}"
    rule = "versions that differ only in the local segment are accepted"
    return _relaxed(message.failure, f"{rule} ({fact})")


@renders(RequirementMended)
def _requirement_mended(message: RequirementMended) -> str:
    fact = f"{message.line!r} in the metadata of {message.project} is read as {message.meaning!r}"
    return _relaxed(message.failure, f"invalid requirements with a plain meaning are read ({fact})")


@renders(BrokenSourceSkipped)
def _broken_source_skipped(message: BrokenSourceSkipped) -> str:
    release = f"{message.project} {message.version}"
    return _relaxed(message.failure, f"wheels of other releases may be used instead of {release}")


@renders(MetadataFileIgnored)
def _metadata_file_ignored(message: MetadataFileIgnored) -> str:
    kind = "wheel" if message.is_wheel else "sdist"
    return _relaxed(message.failure, f"the {kind} itself has the same metadata")


@renders(ModuleMadeVisible)
def _module_made_visible(message: ModuleMadeVisible) -> str:
    failure = undeclared(message.module)
    return _relaxed(failure, f"the build may use what is installed with it ({message.provider})")


# Old releases


@renders(OldReleaseChosen)
def _old_release_chosen(message: OldReleaseChosen) -> str:
    release = message.release
    return f"{release.project} {release.version} is chosen, {older_than(release)}"


@renders(OldReleaseTried)
def _old_release_tried(message: OldReleaseTried) -> str:
    return text_of(message.release)
