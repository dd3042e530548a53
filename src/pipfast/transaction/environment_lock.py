"""A lock that allows one transaction at a time in an environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOCK_FILE = ".pipfast-lock"
"""Name of the lock file on Windows, where a folder cannot be locked; removed after use."""


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Hold the exclusive lock of the environment at `folder`; wait until it is free.

    The lock is on the folder itself, so it leaves no file. If the file system has no locks, the
    block runs without one.
    """
    if os.name == "nt":
        with _locked_file(os.path.join(folder, LOCK_FILE)):
            yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _locked_file(path: str) -> Iterator[None]:
    import msvcrt  # type: ignore[unused-ignore]

    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]
            except OSError:
                continue  # it fails after ten attempts, one a second
            break
        yield
    finally:
        os.close(handle)
        with suppress(OSError):  # another run has the file open and waits for the lock
            os.unlink(path)
