"""Wheels that are unpacked once for all environments, and compiled once per interpreter.

Files are stored under numbers in one folder. Creating folders would take half of the time, and a
name in a wheel cannot lead anywhere if it is only used in a manifest.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from packaging.utils import canonicalize_name

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.errors import InstallationError, OwnInstallationError
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.input_limits import LimitExceeded
from pipfast.store.filesystem.in_use import mark_used
from pipfast.store.filesystem.private_files import make_folders
from pipfast.store.filesystem.root import Store
from pipfast.store.filesystem.temporary_folders import TemporaryFolders
from pipfast.store.filesystem.umask import current_umask
from pipfast.store.wheels.bounded_reads import BoundedReads, zipfile_errors
from pipfast.store.wheels.bytecode import BytecodeStore, remove_whole, write_list
from pipfast.store.wheels.bytecode_packs import NO_PACKS, Packs
from pipfast.store.wheels.manifest import Archive, CompiledModule, described, seal, unseal
from pipfast.store.workers import zip_faults
from pipfast.store.workers.pool import Batch, UnreadableWheelError, WorkerPool
from pipfast.store.workers.protocol import UnpackedPart, UnpackWheel
from pipfast.store.workers.wheel_limits import RECORD_ROWS

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Result

_PART = 1_500_000  # bytes of a wheel per worker


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
    except zipfile_errors(LimitExceeded) as error:
        if isinstance(error, zipfile.BadZipFile):
            return InvalidWheelError(path)
    return AmbiguousWheel(path, fault, member)


@dataclass(frozen=True, slots=True)
class Compilation:
    """The interpreter `key` for which modules are compiled, if any, and those of which wheels.

    With `only_pure`, wheels for one platform are left out: they consist mostly of compiled code,
    of which their Python modules are often the source. Where `packs` may have the modules of a
    wheel, they are not compiled while it is unpacked.
    """

    key: str | None = None
    only_pure: bool = False
    packs: Packs = NO_PACKS

    def key_of(self, wheel: str) -> str | None:
        """Return the key for the modules of the wheel file `wheel`, None if none are compiled."""
        return None if self.only_pure and not wheel.endswith("-any.whl") else self.key

    def key_now(self, wheel: str, sha256: str) -> str | None:
        """Return the key with which to compile a wheel while it is unpacked, None to wait."""
        return None if self.packs.may_come(sha256) else self.key_of(wheel)


NO_COMPILATION = Compilation()


@dataclass(slots=True)
class _Unpacking:
    """A wheel that workers are unpacking, and compiling for the interpreter `key`."""

    wheel: str
    sha256: str
    folder: str
    length: int
    parts_left: int
    mtime: int
    key: str | None
    files: list[tuple[int, str, int, bool]] = field(default_factory=list)
    modules: list[CompiledModule] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0


class Archives:
    """The store's unpacked wheels, by the wheel's SHA-256 in hexadecimal."""

    def __init__(self, store: Store) -> None:
        self.folders = store.folders
        self._umask: int | None = None

    def get(self, sha256: str) -> Archive | None:
        """Return the archive of a wheel, None if there is none that this run can use.

        One that was unpacked with another umask cannot be used, because its files have other
        modes.
        """
        if self._umask is None:
            self._umask = current_umask()
        umask = self._umask
        found = (
            _archive_in(os.path.join(_place(root), sha256), umask) for root in self.folders.all
        )
        archive = next(filter(None, found), None)
        if archive is not None:
            mark_used(archive.folder)
        return archive

    def unpack(
        self,
        wheels: Iterable[tuple[Path, str]],
        pool: WorkerPool,
        compilation: Compilation = NO_COMPILATION,
    ) -> Iterator[Archive]:
        """Unpack wheels, given by path and SHA-256, and yield archives as they are completed.

        `wheels` may wait for downloads; earlier ones are unpacked meanwhile. Modules are compiled
        at the same time. An archive created by another process is kept. If the store
        cannot be written, what is left is unpacked in its replacement. Raises InvalidWheelError,
        OSError and WorkerFailedError; no partial entries remain.
        """
        wheels = iter(wheels)
        waiting: dict[str, str] = {}
        while True:
            root = self.folders.current
            try:
                yield from self._unpack(wheels, waiting, (pool, compilation), root)
            except _WriteError as failed:
                if not self.folders.replace(root, failed.error, _unpacked_size(waiting)):
                    raise failed.error from None
            else:
                return

    def ensure_bytecode(
        self,
        archives: Iterable[Archive],
        compilation: Compilation,
        pool: WorkerPool,
        *,
        thorough: bool = False,
    ) -> list[Archive]:
        """Return the archives, those that are to be compiled with undamaged bytecode.

        Missing bytecode is compiled, in the store or its replacement. With `thorough` all of it
        is compared with checksums. Raises OSError if nothing can be written, StaleArchives.
        """
        found = list(archives)
        chosen = [place for place, one in enumerate(found) if compilation.key_of(one.wheel)]
        if chosen:
            store = BytecodeStore(compilation.key or "", self.folders, compilation.packs)
            compiled = store.ensured([found[place] for place in chosen], pool, thorough=thorough)
            for place, archive in zip(chosen, compiled, strict=True):
                found[place] = archive
        return found

    def discard(self, archive: Archive) -> None:
        """Remove an archive whose files have changed; environments keep theirs."""
        remove_whole(archive.folder, self.folders.current)

    def leave_store(self) -> None:
        """Use a temporary folder of this run instead of the store. Raises OSError."""
        self.folders.use_temporary_only()

    def discard_bytecode(self, archive: Archive, key: str) -> None:
        """Remove bytecode that has changed."""
        BytecodeStore(key, self.folders).discard(archive)

    def _unpack(
        self,
        wheels: Iterator[tuple[Path, str]],
        waiting: dict[str, str],
        crew: tuple[WorkerPool, Compilation],
        root: str,
    ) -> Iterator[Archive]:
        """Unpack in the folder `root`; `waiting` are wheels that were begun and are not done."""
        pool, compilation = crew
        with held(), TemporaryFolders() as temporary, pool.batch() as batch, interruptible():
            for path, sha256 in list(waiting.items()):
                with _write_errors():
                    key = compilation.key_now(path, sha256)
                    self._begin(path, sha256, temporary.make(root), (batch, pool.size), key)
            for wheel, sha256 in wheels:
                path = str(wheel)
                waiting[path] = sha256
                with _write_errors():
                    key = compilation.key_now(path, sha256)
                    self._begin(path, sha256, temporary.make(root), (batch, pool.size), key)
                yield from self._collect(batch.ready(), waiting, (root, compilation.packs))
            yield from self._collect(batch.all(), waiting, (root, compilation.packs))

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
        work = _Unpacking(wheel, sha256, folder, size, parts, mtime, key)
        for part in range(parts):
            job = UnpackWheel(wheel, folder, key or "", mtime, part, parts)
            batch.add(work, job, size // parts)

    def _collect(
        self,
        results: Iterator[tuple[Any, Result]],
        waiting: dict[str, str],
        place: tuple[str, Packs],
    ) -> Iterator[Archive]:
        root, packs = place
        while True:
            try:
                with _write_errors():
                    work, part = next(results)
            except StopIteration:
                return
            except UnreadableWheelError as error:
                raise rejected(error.key.wheel, error.fault, error.member) from error
            assert isinstance(part, UnpackedPart)
            work.files += part.files
            work.modules += part.modules
            work.texts.update(part.texts)
            work.seconds += part.seconds
            work.parts_left -= 1
            if not work.parts_left:
                with _write_errors():
                    archive = self._publish(work, root)
                if work.key:
                    packs.compiled(archive, work.seconds)
                del waiting[work.wheel]
                yield archive

    def _publish(self, work: _Unpacking, root: str) -> Archive:
        umask, key = current_umask(), work.key
        if _rows_of(work.texts) > RECORD_ROWS:
            raise AmbiguousWheel(work.wheel, zip_faults.TOO_LARGE, "RECORD")
        try:
            facts = described(work.wheel, work.files, work.texts, work.length)
        except UnicodeDecodeError as error:
            raise InstallationError(
                f"Error decoding metadata for {work.wheel}: {error} in RECORD file"
            ) from error
        if key:
            write_list(os.path.join(work.folder, "pyc", key), work.modules, work.mtime)
        Path(work.folder, "manifest").write_bytes(seal((work.mtime, umask, facts)))
        place = os.path.join(_place(root), work.sha256)
        archive = _archive_in(place, umask)
        if archive is not None and (key is None or archive.modules(key) is not None):
            mark_used(archive.folder)
            return archive  # another process was faster, and its files may be in use
        _put_in_place(work.folder, place, root)
        archive = _archive_in(place, umask)
        if archive is None:  # others removed it at once
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place)
        return archive


class _WriteError(Exception):
    """Unpacking failed with an OSError, as opposed to what it waits for."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _write_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _WriteError(error) from error


def _place(root: str) -> str:
    return os.path.join(root, "archives")


def _archive_in(folder: str, umask: int) -> Archive | None:
    """Return the archive in `folder`, None if there is none that was unpacked with `umask`."""
    try:
        with open(os.path.join(folder, "manifest"), "rb") as file:
            mtime, own_umask, (wheel, names, sizes, executable, record, *rest) = unseal(file.read())
    except (OSError, ValueError):
        return None
    if own_umask != umask:
        return None
    return Archive(folder, wheel, names, sizes, frozenset(executable), mtime, umask, record, *rest)


def _put_in_place(aside: str, place: str, root: str) -> None:
    """Rename `aside` to `place`, replacing what exists. Raises OSError."""
    for _ in range(5):  # another process may be faster, repeatedly
        try:
            make_folders(os.path.dirname(place))
            os.rename(aside, place)
        except FileNotFoundError:  # noqa: PERF203 - others remove the parent folder
            continue
        except OSError:
            if not os.path.lexists(place):
                raise
            remove_whole(place, root)
        else:
            return
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place)


def _unpacked_size(wheels: Iterable[str]) -> int | None:
    """Return how many bytes the files of wheels take, None if that cannot be read."""
    import zipfile

    total = 0
    try:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                total += sum(entry.file_size for entry in archive.infolist())
    except zipfile_errors(OSError):
        return None
    return total


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
