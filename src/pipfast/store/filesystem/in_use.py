"""Lock folders of the store that are in use, so that ``cache purge`` does not remove them.

The time of a folder is that of its last use, so that ``cache prune`` keeps it.

Unpacked wheels are not locked: a run that misses one unpacks it again. But a build cannot continue
without its build environment, nor git without the objects that a clone borrows.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_HELD: dict[str, int] = {}
_DAY = 86_400.0


def mark_used(folder: str) -> None:
    """Note that a run uses a folder, to the day; a read-only store has no such notes."""
    with suppress(OSError):
        now = time.time()
        if not now - _DAY < os.stat(folder).st_mtime <= now:  # noqa: PTH116 - start-up
            os.utime(folder)


def hold(folder: str) -> None:
    """Lock a folder until this process ends, if the file system has locks.

    Another process may have removed it just before, so callers check afterwards that it exists.
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
    """Yield whether no process uses the folder, and keep others from locking it in the block."""
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
