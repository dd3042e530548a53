"""Texts of messages about preparing and building sources; all are pip's."""

from __future__ import annotations

from pipfast.fetch.vcs.base import shown_path
from pipfast.report.render import renders
from pipfast.sources.events import (
    CachedWheelIgnored,
    KeptWheelUsed,
    OtherVersionFound,
    SourceVersionAccepted,
    WheelBuildsFailed,
    WheelsBuilt,
    WheelsRequested,
)


@renders(CachedWheelIgnored)
def _cached_wheel_ignored(_: CachedWheelIgnored) -> str:
    return (
        "The hashes of the source archive found in cache entry don't match, ignoring cached built "
        "wheel and re-downloading source."
    )


@renders(OtherVersionFound)
def _other_version_found(message: OtherVersionFound) -> str:
    return f"Requested {message.requested}, but installing version {message.version}"


@renders(SourceVersionAccepted)
def _source_version_accepted(message: SourceVersionAccepted) -> str:
    place = shown_path(str(message.folder))
    return (
        f"Source in {place} has version {message.version}, which satisfies requirement "
        f"{message.requirement}"
    )


@renders(KeptWheelUsed)
def _kept_wheel_used(message: KeptWheelUsed) -> str:
    return (
        f"The build of {message.project} failed; continuing with {message.filename}, which an "
        "earlier build with other modules or settings left in the cache, because pip uses it too"
    )


@renders(WheelsRequested)
def _wheels_requested(message: WheelsRequested) -> str:
    return f"Building wheels for collected packages: {', '.join(message.projects)}"


@renders(WheelsBuilt)
def _wheels_built(message: WheelsBuilt) -> str:
    return f"Successfully built {' '.join(message.projects)}"


@renders(WheelBuildsFailed)
def _wheel_builds_failed(message: WheelBuildsFailed) -> str:
    return f"Failed to build {' '.join(message.projects)}"
