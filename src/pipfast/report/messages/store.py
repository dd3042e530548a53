"""Texts of messages about the store, and pip's about its cache of built wheels."""

from __future__ import annotations

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.report.render import renders
from pipfast.store.events import (
    CachedWheelOfOtherProject,
    OriginDiffers,
    OriginFileIgnored,
    OriginFileUnreadable,
    StoreReplaced,
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


@renders(StoreReplaced)
def _store_replaced(message: StoreReplaced) -> str:
    return (
        f"{_why(message)}. This run uses {message.place} instead and removes it at the end; "
        "--cache-dir chooses another cache folder"
    )


def _why(message: StoreReplaced) -> str:
    if not message.is_full:
        return f"The cache folder {message.folder} cannot be used ({message.fault})"
    where = f"The disk {message.disk} of the cache folder {message.folder} is full"
    if message.lacks_files:
        return f"{where}: it has no room for more files"
    return where if message.needed is None else f"{where}: {human_size(message.needed)} are needed"
