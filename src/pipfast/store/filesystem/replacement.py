"""A temporary folder in place of a store that cannot be written, or that others remove."""

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
"""What says that a folder cannot be used; others concern this process, such as EMFILE."""


class Replacement:
    """The folders that a run uses as its store: `root`, and what replaces it.

    `beside` is the folder of the environment that is to be filled, or empty: files that
    are unpacked on its disk need no copy. Safe for several threads.
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
        """The folders that may have entries."""
        return tuple(self._all)

    @property
    def current(self) -> str:
        """The folder to write to."""
        return self._all[-1]

    def replace(self, failed: str, error: OSError, needed: int | None = None) -> bool:
        """Return whether to try again what raised `error` in the folder `failed`.

        `needed` is how many bytes were to be written. If that folder is at fault, another one
        takes its place, on another disk if this one is full.
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

    def leave(self) -> None:
        """Use a temporary folder alone from now on, because other programs remove entries.

        Raises OSError.
        """
        with self._lock:
            made = temporary_folder("pipfast-store")
            self._made.append(made)
            self._all = [made]

    def close(self) -> None:
        """Remove what was made in place of the store."""
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
    """Return whether a full disk has less room for files than for bytes, in proportion.

    What could not be written completely has been removed already.
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
    """Return whether there is space at `place` that is not the same as that of `failed`."""
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
