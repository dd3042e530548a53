"""Texts of the resolver's messages."""

from __future__ import annotations

from pipfast.errors import OwnError
from pipfast.report.failure import message_of
from pipfast.report.hint_text import older_than, text_of, undeclared
from pipfast.report.render import renders
from pipfast.resolve.events import (
    BrokenSourceSkipped,
    IndexChosen,
    LocalVersionAccepted,
    MetadataFileIgnored,
    ModuleMadeVisible,
    OldReleaseChosen,
    OldReleaseTried,
)


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


@renders(OldReleaseChosen)
def _old_release_chosen(message: OldReleaseChosen) -> str:
    release = message.release
    return f"{release.project} {release.version} is chosen, {older_than(release)}"


@renders(OldReleaseTried)
def _old_release_tried(message: OldReleaseTried) -> str:
    return text_of(message.release)


@renders(IndexChosen)
def _index_chosen(message: IndexChosen) -> str:
    count = len(message.other_pages) + 1
    return (
        f"{message.project} is on {count} indexes: {message.version} is taken from "
        f"{message.page}, not from {', '.join(message.other_pages)}"
    )
