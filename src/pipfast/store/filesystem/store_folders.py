"""The folders that a run uses as its store: the store, and temporary ones that replace it.

A temporary folder is used if the store cannot be written, or if other programs remove its entries.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress

from pipfast.model.events import Listener
from pipfast.store.events import StoreReplaced
from pipfast.store.filesystem.owned_names import remove, temporary_folder

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_GONE = (errno.ENOENT, getattr(errno, "ESTALE", errno.ENOENT))
_FAULTS = (
    *(*_FULL, *_GONE, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EXDEV),
)
"""Errors of a folder. Others concern this process, such as EMFILE, and need no other folder."""


class StoreFolders:
    """The store `root`, and the temporary folders that replace it. Safe for several threads.

    `beside` is a folder of the environment, or empty. A temporary folder is created there first,
    because files that are unpacked on the same disk need not be copied.
    """

    def __init__(self, root: str, emit: Listener) -> None:
        self._lock = threading.Lock()
        self._emit = emit
        self._all = [root]
        self._made: list[str] = []
        self._patience = 3
        self.beside = ""

    @property
    def all(self) -> tuple[str, ...]:
        """The folders that may contain entries."""
        return tuple(self._all)

    @property
    def current(self) -> str:
        """The folder to write to."""
        return self._all[-1]

    def replace(self, failed: str, error: OSError, needed: int | None = None) -> bool:
        """Return whether to repeat the operation that raised `error` in the folder `failed`.

        `needed` is the number of bytes to write. If the folder cannot be used, a temporary one
        replaces it, on another disk if this one is full.
        """
        if error.errno not in _FAULTS or not _concerns(error, failed):
            return False
        with self._lock:
            if failed != self.current:
                return True  # another thread was faster
            if error.errno in _GONE and self._patience:
                self._patience -= 1  # somebody removed it; perhaps only once
                return True
            return self._make_another(failed, error, needed)

    def use_temporary_only(self) -> None:
        """Use only a temporary folder from now on, because other programs remove entries.

        Raises OSError.
        """
        with self._lock:
            made = temporary_folder("pipfast-store")
            self._made.append(made)
            self._all = [made]

    def close(self) -> None:
        """Remove the temporary folders."""
        with self._lock:
            for folder in self._made:
                remove(folder)

    def _make_another(self, failed: str, error: OSError, needed: int | None) -> bool:
        from tempfile import gettempdir

        is_full = error.errno in _FULL
        for name, parent in ((".pipfast-store", self.beside), ("pipfast-store", gettempdir())):
            if not parent or (is_full and not _has_room(parent, failed, needed)):
                continue
            with suppress(OSError):
                made = temporary_folder(name, parent)
                self._made.append(made)
                self._all.append(made)
                self._emit(_message(failed, error, needed, made, is_full=is_full))
                return True
        return False


def _message(
    failed: str, error: OSError, needed: int | None, made: str, *, is_full: bool
) -> StoreReplaced:
    fault = error.strerror or str(error)
    lacks_files = is_full and _lacks_files(failed)
    return StoreReplaced(failed, made, _disk(failed), fault, needed, is_full, lacks_files)


def _lacks_files(path: str) -> bool:
    """Return whether a full disk lacks inodes rather than bytes.

    Partial files have been removed, so both have some room again, and the shares are compared.
    """
    try:
        facts = os.statvfs(_existing(path))
    except (OSError, AttributeError):
        return False
    return facts.f_favail * facts.f_blocks < facts.f_bavail * facts.f_files


def _concerns(error: OSError, folder: str) -> bool:
    """Return whether the error names no path, or one in `folder`, or a parent of it."""
    if not error.filename:
        return True
    path = os.path.join(os.fsdecode(error.filename), "")
    folder = os.path.join(folder, "")
    return path.startswith(folder) or folder.startswith(path)


def _has_room(place: str, failed: str, needed: int | None) -> bool:
    """Return whether `place` has space on another disk than that of `failed`."""
    try:
        if os.stat(place).st_dev == os.stat(_existing(failed)).st_dev:
            return False
        facts = os.statvfs(place)
    except (OSError, AttributeError):
        return True
    has_files = facts.f_files == 0 or facts.f_favail > 0
    return facts.f_bavail * facts.f_frsize > (needed or 0) and has_files


def _existing(path: str) -> str:
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _disk(path: str) -> str:
    """Return the folder at which the file system of `path` is mounted."""
    path = os.path.realpath(_existing(path))
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path
