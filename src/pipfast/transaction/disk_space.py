"""Find out before an installation that its files cannot fit on the disk of the environment.

Only a shortage that is certain counts, because pip would install where the files fit after all.
A file system that compresses what it stores may need less than the wheels have; so it has to be
known not to do that, or lack a multiple. Where nothing can be said, nothing is said.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pipfast.environment.scheme import Scheme
from pipfast.transaction.errors import DiskTooSmall

_STORE_AS_GIVEN = frozenset({"ext2", "ext3", "ext4", "xfs", "tmpfs"})
"""File systems of Linux that never compress or share the content of new files."""

_UNKNOWN_FACTOR = 2
"""How much smaller than a wheel its files may be on other file systems."""

_MOUNTS = Path("/proc/self/mountinfo")


def shortage(
    scheme: Scheme, roughly: int, exactly: Callable[[], int], filesystem: Callable[[int], str]
) -> DiskTooSmall | None:
    """Return the error if new files of a known size cannot fit on the disk of `scheme`.

    `roughly` is at least their size in bytes, and quick to know; `exactly` returns it, and is only
    called if that much is not free. `filesystem` returns the type of a device. None if the
    folders are on several disks, or the free space is unknown.
    """
    if not roughly or not hasattr(os, "statvfs"):
        return None
    folder = _existing(scheme.purelib)
    try:
        facts = os.statvfs(folder)
        # Blocks that are reserved for root count as free, because this user may be allowed to.
        most = facts.f_bfree * facts.f_frsize
        if not facts.f_blocks or most >= roughly:
            return None
        needed = exactly()
        devices = {os.stat(_existing(each)).st_dev for each in _folders(scheme)}
    except OSError:
        return None
    if len(devices) != 1:
        return None
    certain = filesystem(devices.pop()) in _STORE_AS_GIVEN
    if most * (1 if certain else _UNKNOWN_FACTOR) >= needed:
        return None
    return DiskTooSmall(scheme.purelib, facts.f_bavail * facts.f_frsize, needed)


def filesystem_type(device: int) -> str:
    """Return the type of the mounted file system with a device number, empty if unknown."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        mount, _, kind = line.partition(" - ")
        if mount.split()[2] == number:
            return kind.split()[0]
    return ""


def _folders(scheme: Scheme) -> tuple[str, ...]:
    return scheme.purelib, scheme.platlib, scheme.scripts, scheme.data


def _existing(folder: str) -> str:
    """Return the folder, or the nearest one above that exists."""
    path = os.path.abspath(folder)
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path
