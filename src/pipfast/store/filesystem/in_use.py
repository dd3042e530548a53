"""Folders of the store that a run uses in place, so ``cache purge`` leaves them alone meanwhile.

Unpacked wheels are not held: a run that misses one unpacks it again. But a build cannot start
again when its build environment vanishes, nor git when it misses objects that it borrows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_HELD: dict[str, int] = {}


def hold(folder: str) -> None:
    """Mark a folder as used until this process ends, if the file system has locks.

    It may have been removed just before: check that it exists afterwards.
    """
    if os.name == "nt" or folder in _HELD:
        return
    import fcntl

    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        _HELD[folder] = handle
        fcntl.flock(handle, fcntl.LOCK_SH)


@contextmanager
def claimed(folder: str) -> Iterator[bool]:
    """Yield whether no process holds the folder; none can begin to during the block."""
    if os.name == "nt":
        yield True
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        is_free = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_free = False
        except OSError:
            pass  # a file system without locks
        yield is_free
    finally:
        os.close(handle)
