"""Write files as a worker process; a script in Python 3.7 imports this module."""

from __future__ import annotations

import os

from pipfast.store.workers.protocol import EXECUTABLE

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from collections.abc import Callable

OPEN_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""Flags for `os.open` of a file that must not exist."""

PARENTS: list[int] = []
"""The main process, if this is a worker process and not the main process itself."""


def end_if_orphaned(getppid: Callable[[], int] = os.getppid) -> None:
    """End this process if the main process was killed, so that the next run has its files alone.

    Called before each file; costs a tenth of a microsecond.
    """
    if PARENTS and getppid() != PARENTS[0]:
        os._exit(1)


def write(path: str, pieces, mode: int, mtime: int) -> None:  # type: ignore[no-untyped-def]
    """Create the file `path`; `mtime` is in seconds, 0 for the current time."""
    handle = os.open(path, OPEN_NEW, mode)
    try:
        for piece in pieces:
            end_if_orphaned()
            done = os.write(handle, piece) if piece else 0
            while done < len(piece):
                done += os.write(handle, piece[done:])
        if mtime and os.utime in os.supports_fd:
            os.utime(handle, (mtime, mtime))
    finally:
        os.close(handle)
    if mtime and os.utime not in os.supports_fd:
        os.utime(path, (mtime, mtime))


def write_executable(path: str, pieces, mtime: int, umask: int, mode: int = EXECUTABLE) -> None:  # type: ignore[no-untyped-def]
    """Create an executable file like `write`, with the permissions `mode` whatever the umask."""
    write(path, pieces, 0o777, mtime)
    if umask & mode:
        os.chmod(path, 0o777 & ~umask | mode)


def make_folder(folder: str, made: set[str]) -> None:
    """Create `folder` and its parents unless they are in `made`, and add them; they may exist."""
    if folder in made:
        return
    try:
        os.mkdir(folder)
    except FileExistsError:
        pass
    except FileNotFoundError:
        parent = os.path.dirname(folder)
        if parent in made or parent == folder:
            raise  # another process has removed it
        make_folder(parent, made)
        make_folder(folder, made)
    made.add(folder)
