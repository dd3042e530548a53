"""A lock that allows one transaction at a time in an environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pipfast.transaction.reserved_names import LOCK_FILE


class EnvironmentBusy(Exception):
    """Another transaction is running."""


@contextmanager
def locked(folder: str, *, wait: bool = True) -> Iterator[None]:
    """Hold the exclusive lock of the environment at `folder`; wait until it is free.

    Raises EnvironmentBusy if it is not free and the caller does not `wait`.

    The lock is on the folder itself, so it leaves no file. If the file system has no locks, the
    block runs without one.
    """
    if os.name == "nt":
        with _locked_file(os.path.join(folder, LOCK_FILE), wait=wait):
            yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise EnvironmentBusy from None
        except OSError:
            pass
        yield
    finally:
        with suppress(OSError):  # closed anyway; what was done under the lock is done
            os.close(handle)


@contextmanager
def _locked_file(path: str, *, wait: bool) -> Iterator[None]:
    import msvcrt  # type: ignore[unused-ignore]

    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]
            except OSError:
                if not wait:
                    raise EnvironmentBusy from None
                continue  # it fails after ten attempts, one a second
            break
        yield
    finally:
        os.close(handle)
        with suppress(OSError):  # another run has the file open and waits for the lock
            os.unlink(path)
