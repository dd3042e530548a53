"""One transaction at a time in an environment, and one that signals cannot tear apart."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

LOCK_FILE = ".pipfast-lock"
"""Only where a folder itself cannot be locked (Windows); gone when nobody holds it."""


class Terminated(BaseException):
    """A signal asked the process to end; after undoing it ends by that very signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Wait until nobody else changes the environment at `folder`, and keep others waiting.

    The lock is on the folder, so it leaves no file. A file system without locks is taken as
    having one user.
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
                continue  # it gives up after ten tries, one a second
            break
        yield
    finally:
        os.close(handle)
        with suppress(OSError):  # another run waits with the file open
            os.unlink(path)


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Within it SIGTERM and SIGHUP raise Terminated; once out, they end the process as ever."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    except Terminated as ending:
        signal.signal(ending.number, signal.SIG_DFL)
        os.kill(os.getpid(), ending.number)
        raise
    finally:
        for number in ours:
            signal.signal(number, before[number])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within it no signal that can be held off interrupts: the way back must be gone to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
