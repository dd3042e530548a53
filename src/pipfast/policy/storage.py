"""Where the cache is, and whether it is enabled."""

from __future__ import annotations

import os
import stat
import sys

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """pip's cache directory, None if disabled; `warning` is pip's explanation."""

    directory: str | None
    warning: str | None = None


def cache_policy(settings: Settings) -> CachePolicy:
    """Return the cache directory: ``--cache-dir``, else the platform's; none if disabled.

    A directory of another user is not used (pip behaviour, which prevents ``sudo pip`` from
    leaving root's files in a user's cache).
    """
    configured = settings.text("cache_dir")
    if not configured:
        return CachePolicy(directory=None)
    path = os.path.normcase(os.path.realpath(os.path.expanduser(configured)))
    if _is_ours(path):
        return CachePolicy(directory=path)
    return CachePolicy(
        directory=None,
        warning=(
            f"The directory '{path}' or its parent directory is not owned or is not writable by "
            "the current user. The cache has been disabled. Check the permissions and owner of "
            "that directory. If executing pip with sudo, you should use sudo's -H flag."
        ),
    )


def _is_ours(path: str) -> bool:
    """Return whether the nearest existing folder is writable (for root: belongs to root)."""
    if sys.platform == "win32":
        return True
    previous = None
    while path != previous:
        if os.path.lexists(path):
            if os.geteuid() != 0:
                return os.access(path, os.W_OK)
            facts = os.lstat(path)
            return not stat.S_ISLNK(facts.st_mode) and facts.st_uid == 0
        previous, path = path, os.path.dirname(path)
    return False
