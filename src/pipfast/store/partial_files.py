"""Files that are being downloaded, by SHA-256: one run at a time, and continued after a failure.

A file that was broken off stays in the folder `partial`. It is proven by its digest when it is
complete, so it does not matter which run or server sent its beginning.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipfast.store.filesystem.private_files import private_file, private_folder

AREA = "partial"
_LOCK = ".lock"
_SOURCE = ".source"
_PAUSE = 0.05  # seconds
_PATIENCE = 30.0
"""Seconds for which another run's file may stay as it is before this run fetches its own."""
_KEPT_FOR = 14 * 24 * 3600  # seconds


class PartialFile:
    """The file of a digest, which this run alone writes; `waited` is whether another one did."""

    def __init__(self, path: Path, *, waited: bool) -> None:
        self.path = path
        self.waited = waited

    def open(self) -> BinaryIO:
        """Open the file, with what earlier runs left of it. Raises OSError."""
        return open(self.path, "rb+", opener=_created)

    def validator(self, url: str) -> str:
        """Return the ETag or date with which `url` sent the beginning, empty if unknown."""
        with suppress(OSError, UnicodeDecodeError):
            source, _, validator = self._source.read_text("utf-8").partition("\n")
            return validator if source == url else ""
        return ""

    def came_from(self, url: str, validator: str) -> None:
        """Record where the beginning comes from. Raises OSError."""
        with open(self._source, "w", encoding="utf-8", opener=private_file) as file:
            file.write(f"{url}\n{validator}")

    def finish(self, file: BinaryIO, place: Path) -> None:
        """Move the complete file to `place`; one that was purged meanwhile is copied.

        Raises OSError.
        """
        self._source.unlink(missing_ok=True)
        file.flush()
        try:
            self.path.replace(place)
        except FileNotFoundError:
            file.seek(0)
            with place.open("wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)

    def discard(self) -> None:
        """Remove what there is of the file."""
        for path in (self.path, self._source):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    @property
    def _source(self) -> Path:
        return self.path.with_name(self.path.name + _SOURCE)


@contextmanager
def claimed_file(
    root: str, sha256: str, is_stopped: Callable[[], bool]
) -> Iterator[PartialFile | None]:
    """Yield the partial file of a digest when no other run writes it.

    None if the store cannot hold it, if the platform has no locks, or if another run does not get
    on: then the caller fetches a file of its own.
    """
    if os.name == "nt":
        yield None
        return
    path = Path(root, AREA, sha256)
    handle, waited = None, False
    with suppress(OSError):
        private_folder(str(path.parent))
        handle, waited = _locked(path, is_stopped)
    if handle is None:
        yield None
        return
    try:
        yield PartialFile(path, waited=waited)
    finally:
        with suppress(OSError):
            path.with_name(sha256 + _LOCK).unlink(missing_ok=True)
        os.close(handle)


def sweep_partial_files(root: str) -> None:
    """Remove files that no run has continued for two weeks."""
    with suppress(OSError), os.scandir(os.path.join(root, AREA)) as entries:  # noqa: PTH118
        for entry in entries:
            if entry.stat().st_mtime < time.time() - _KEPT_FOR:
                Path(entry.path).unlink(missing_ok=True)


def _created(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)  # a user's file later; the folder is private


def _locked(path: Path, is_stopped: Callable[[], bool]) -> tuple[int | None, bool]:
    """Return an open lock file, None if it stays locked; and whether another run had it.

    Raises OSError.
    """
    import fcntl

    lock, waited = path.with_name(path.name + _LOCK), False
    seen, since = _size(path), time.monotonic()
    while not is_stopped():
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, lock):
                return handle, waited
        except BlockingIOError:
            waited = True
        except OSError:
            os.close(handle)
            raise
        os.close(handle)
        if (size := _size(path)) != seen:
            seen, since = size, time.monotonic()
        if time.monotonic() - since > _PATIENCE:
            return None, waited
        time.sleep(_PAUSE)
    return None, waited


def _is_at(handle: int, path: Path) -> bool:
    """Return whether the open file is still the one at `path`: its last owner removes it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
