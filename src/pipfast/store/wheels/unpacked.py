"""Wheels that are unpacked once for all environments, and compiled once per interpreter.

Files are stored under numbers in one folder. Creating folders would take half of the time, and a
name in a wheel cannot lead anywhere if it is only used in a manifest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from packaging.utils import canonicalize_name

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.errors import InstallationError, OwnInstallationError
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.input_limits import LimitExceeded
from pipfast.store.filesystem.asides import Asides
from pipfast.store.filesystem.entries import aside_prefix
from pipfast.store.filesystem.root import Store
from pipfast.store.filesystem.umask import current_umask
from pipfast.store.wheels.bounded_reads import BoundedReads
from pipfast.store.wheels.manifest import Archive, described, seal, unseal
from pipfast.store.workers import zip_faults
from pipfast.store.workers.pool import Batch, UnreadableWheelError, WorkerPool
from pipfast.store.workers.protocol import (
    CompiledModules,
    CompileModules,
    UnpackedPart,
    UnpackWheel,
)
from pipfast.store.workers.wheel_limits import RECORD_ROWS

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Result

_PART = 1_500_000  # bytes of a wheel per worker
_COMPILE_PART = 400_000  # bytes of source per job
_ABANDONED = 86_400  # seconds after which temporary files are certainly unused


class InvalidWheelError(InstallationError):
    """A wheel cannot be read (pip's InvalidWheel)."""

    def __init__(self, path: str) -> None:
        name = canonicalize_name(os.path.basename(path).partition("-")[0])
        super().__init__(f"Wheel '{name}' located at {path} is invalid.")


class AmbiguousWheel(OwnInstallationError):
    """A wheel that installers could understand differently, or that is a bomb.

    `fault` is one of `zip_faults`, `member` the file in the wheel that has it, or empty. pip
    installs some of these, and ends with a traceback for others.
    """

    def __init__(self, path: str, fault: str, member: str) -> None:
        super().__init__()
        self.path = path
        self.fault = fault
        self.member = member


def rejected(path: str, fault: str, member: str) -> InstallationError:
    """Return the error for a wheel that is no proper archive: pip's if pip cannot open it."""
    import zipfile

    try:
        with open(path, "rb") as file:
            zipfile.ZipFile(cast("BinaryIO", BoundedReads(file, path))).close()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, LimitExceeded) as error:
        if isinstance(error, zipfile.BadZipFile):
            return InvalidWheelError(path)
    return AmbiguousWheel(path, fault, member)


@dataclass(slots=True)
class _Unpacking:
    """A wheel that workers are unpacking."""

    wheel: str
    sha256: str
    folder: str
    length: int
    parts_left: int
    mtime: int
    files: list[tuple[int, str, int, bool]] = field(default_factory=list)
    modules: list[int] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)


class Archives:
    """The store's unpacked wheels, by the wheel's SHA-256 in hexadecimal."""

    def __init__(self, store: Store) -> None:
        self._root = str(store.root / "archives")

    def get(self, sha256: str) -> Archive | None:
        """Return the archive of a wheel, None if there is none that this run can use.

        One that was unpacked with another umask cannot be used, because its files have other
        modes.
        """
        folder = os.path.join(self._root, sha256)
        try:
            with open(os.path.join(folder, "manifest"), "rb") as file:
                mtime, umask, (wheel, names, sizes, executable, record, *rest) = unseal(file.read())
        except (OSError, ValueError):
            return None
        if umask != current_umask():
            return None
        return Archive(
            folder, wheel, names, sizes, frozenset(executable), mtime, umask, record, *rest
        )

    def unpack(
        self, wheels: Iterable[tuple[Path, str]], pool: WorkerPool, key: str | None = None
    ) -> Iterator[Archive]:
        """Unpack wheels, given by path and SHA-256, and yield archives as they are completed.

        `wheels` may wait for downloads; earlier ones are unpacked meanwhile. With `key` modules
        are compiled at the same time. An archive created by another process is kept. Raises
        InvalidWheelError, OSError and WorkerFailedError; no partial entries remain.
        """
        self._sweep()
        with held(), Asides() as asides, pool.batch() as batch, interruptible():
            for path, sha256 in wheels:
                folder = asides.make(self._root)
                self._begin(str(path), sha256, folder, (batch, pool.size), key)
                yield from self._collect(batch.ready(), key)
            yield from self._collect(batch.all(), key)

    def ensure_bytecode(self, archives: Iterable[Archive], key: str, pool: WorkerPool) -> None:
        """Compile the modules of archives without bytecode for the interpreter `key`.

        Raises OSError if the store is not writable.
        """
        done: dict[str, list[int]] = {}
        left: dict[str, int] = {}
        compiled: dict[str, Archive] = {}
        with held(), Asides() as asides, pool.batch() as batch, interruptible():
            for archive in archives:
                if archive.modules(key) is None:
                    aside = asides.make(os.path.join(archive.folder, "pyc"))
                    self._compile(archive, key, aside, batch, (compiled, done, left))
            for aside, result in batch.all():
                assert isinstance(result, CompiledModules)
                done[aside] += result.numbers
                left[aside] -= 1
                if not left[aside]:
                    _publish_modules(aside, compiled[aside], key, done[aside])

    def discard(self, archive: Archive) -> None:
        """Remove an archive whose files have changed; environments keep theirs."""
        with suppress(OSError):
            aside = tempfile.mkdtemp(dir=self._root, prefix=aside_prefix())
            os.replace(archive.folder, os.path.join(aside, "old"))
            shutil.rmtree(aside, ignore_errors=True)

    def _begin(
        self, wheel: str, sha256: str, folder: str, crew: tuple[Batch, int], key: str | None
    ) -> None:
        batch, workers = crew
        os.mkdir(os.path.join(folder, "files"))
        if key:
            os.makedirs(os.path.join(folder, "pyc", key))
        size = os.path.getsize(wheel)
        parts = min(workers, size // _PART + 1)
        mtime = int(time.time()) & ~1  # FAT has a resolution of two seconds
        work = _Unpacking(wheel, sha256, folder, size, parts, mtime)
        for part in range(parts):
            job = UnpackWheel(wheel, folder, key or "", mtime, part, parts)
            batch.add(work, job, size // parts)

    def _collect(self, results: Iterator[tuple[Any, Result]], key: str | None) -> Iterator[Archive]:
        while True:
            try:
                work, part = next(results)
            except StopIteration:
                return
            except UnreadableWheelError as error:
                raise rejected(error.key.wheel, error.fault, error.member) from error
            assert isinstance(part, UnpackedPart)
            work.files += part.files
            work.modules += part.modules
            work.texts.update(part.texts)
            work.parts_left -= 1
            if not work.parts_left:
                yield self._publish(work, key)

    def _publish(self, work: _Unpacking, key: str | None) -> Archive:
        umask = current_umask()
        if _rows_of(work.texts) > RECORD_ROWS:
            raise AmbiguousWheel(work.wheel, zip_faults.TOO_LARGE, "RECORD")
        try:
            facts = described(work.wheel, work.files, work.texts, work.length)
        except UnicodeDecodeError as error:
            raise InstallationError(
                f"Error decoding metadata for {work.wheel}: {error} in RECORD file"
            ) from error
        if key:
            _write(os.path.join(work.folder, "pyc", key, "done"), seal(sorted(work.modules)))
        _write(os.path.join(work.folder, "manifest"), seal((work.mtime, umask, facts)))
        os.chmod(work.folder, 0o777 & ~umask)
        archive = self.get(work.sha256)
        if archive is not None and (key is None or archive.modules(key) is not None):
            return archive  # another process was faster, and its files may be in use
        self._put_in_place(work.folder, os.path.join(self._root, work.sha256))
        archive = self.get(work.sha256)
        if archive is None:
            raise OSError(None, "the store does not keep what is written to it", self._root)
        return archive

    def _put_in_place(self, aside: str, place: str) -> None:
        """Rename `aside` to `place`, replacing what exists."""
        for _ in range(5):  # another process may be faster, repeatedly
            try:
                os.rename(aside, place)
            except OSError:  # noqa: PERF203
                if not os.path.lexists(place):
                    raise
                with (
                    tempfile.TemporaryDirectory(
                        dir=self._root, prefix=aside_prefix(), ignore_cleanup_errors=True
                    ) as old,
                    suppress(OSError),
                ):
                    os.rename(place, os.path.join(old, "old"))
            else:
                return
        raise OSError(None, "the store's folder is held by others", place)

    def _compile(
        self,
        archive: Archive,
        key: str,
        aside: str,
        batch: Batch,
        progress: tuple[dict[str, Archive], dict[str, list[int]], dict[str, int]],
    ) -> None:
        compiled, done, left = progress
        compiled[aside], done[aside], left[aside] = archive, [], 0
        for numbers, size in _portions(archive):
            job = CompileModules(archive.folder, os.path.basename(aside), archive.mtime, numbers)
            left[aside] += 1
            batch.add(aside, job, size)
        if not left[aside]:
            _publish_modules(aside, archive, key, [])

    def _sweep(self) -> None:
        """Remove leftovers of killed runs."""
        with suppress(OSError), os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name.startswith(".aside-"):
                    with suppress(OSError):
                        if entry.stat().st_mtime < time.time() - _ABANDONED:
                            shutil.rmtree(entry.path, ignore_errors=True)


def _rows_of(texts: dict[str, bytes]) -> int:
    """Return at least the number of rows in RECORD."""
    return max(
        (
            text.count(b"\n") + text.count(b"\r")
            for name, text in texts.items()
            if name.endswith("/RECORD")
        ),
        default=0,
    )


def _portions(archive: Archive) -> Iterator[tuple[list[tuple[int, str]], int]]:
    """Yield the modules of `archive` in portions that keep all workers busy to the end."""
    portion: list[tuple[int, str]] = []
    size = 0
    for number, name in enumerate(archive.names):
        if name.endswith(".py"):
            portion.append((number, name))
            size += archive.sizes[number] + 300
            if size > _COMPILE_PART:
                yield portion, size
                portion, size = [], 0
    if portion:
        yield portion, size


def _publish_modules(aside: str, archive: Archive, key: str, numbers: list[int]) -> None:
    _write(os.path.join(aside, "done"), seal(sorted(numbers)))
    os.chmod(aside, 0o777 & ~archive.umask)
    with suppress(OSError):  # another process was faster; its bytecode is equivalent
        os.rename(aside, os.path.join(archive.folder, "pyc", key))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
