"""Texts of messages about pip's cache of built wheels; all are pip's."""

from __future__ import annotations

from pipfast.report.render import renders
from pipfast.store.events import (
    CachedWheelOfOtherProject,
    OriginDiffers,
    OriginFileIgnored,
    OriginFileUnreadable,
)


@renders(OriginFileIgnored)
def _origin_file_ignored(message: OriginFileIgnored) -> str:
    return (
        f"Ignoring invalid cache entry origin file {message.path} for {message.filename} "
        f"({message.fault})"
    )


@renders(OriginFileUnreadable)
def _origin_file_unreadable(message: OriginFileUnreadable) -> str:
    return (
        f"Could not read origin file {message.path} in cache entry ({message.fault}). "
        "Will attempt to overwrite it."
    )


@renders(OriginDiffers)
def _origin_differs(message: OriginDiffers) -> str:
    return (
        f"Origin URL {message.recorded} in cache entry {message.folder} does not match download "
        f"URL {message.actual}. This is likely a pip bug or a cache corruption issue. "
        "Will overwrite it with the new value."
    )


@renders(CachedWheelOfOtherProject)
def _cached_wheel_of_other_project(message: CachedWheelOfOtherProject) -> str:
    return (
        f"Ignoring cached wheel {message.filename} for {message.link} as it does not match "
        f"the expected distribution name {message.expected}."
    )
