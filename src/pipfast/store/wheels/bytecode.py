"""The bytecode of unpacked wheels: compiled once for each interpreter, and checked before use.

Python loads bytecode whose header states the time and size of its source, whatever follows. So each
folder of bytecode has a list of sizes and CRCs, and the files and the folder get the modification
time of the archive. Whatever is changed, added or replaced later has another time, which is checked
whenever a file is linked. The CRCs are compared where times are no proof: after a restart of the
system, which may have lost data that was not on disk yet, and with ``--force-reinstall``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.store.filesystem.owned_names import boot_id, remove, temporary_store_path
from pipfast.store.filesystem.private_files import make_folders
from pipfast.store.filesystem.store_folders import StoreFolders
from pipfast.store.filesystem.temporary_folders import TemporaryFolders
from pipfast.store.wheels.bytecode_packs import (
    NO_PACKS,
    Block,
    Packs,
    UnusablePack,
    sha256_of_wheel,
)
from pipfast.store.wheels.manifest import (
    DONE,
    Archive,
    Bytecode,
    CompiledModule,
    StaleArchives,
    seal,
)
from pipfast.store.workers.pool import Batch, WorkerPool
from pipfast.store.workers.protocol import (
    CheckedModules,
    CheckModules,
    CompiledModules,
    CompileModules,
    WriteModules,
    WrittenModules,
)

_COMPILE_PART = 400_000  # bytes of source per job
_WRITTEN_FASTER = 10  # times that bytes of code are written faster than those of source compiled


@dataclass(frozen=True, slots=True)
class BytecodeStore:
    """Bytecode for the interpreter `key`, in archives or in a temporary store.

    What is missing is taken from `packs` before it is compiled.
    """

    key: str
    folders: StoreFolders
    packs: Packs = NO_PACKS

    def ensured(
        self, archives: Iterable[Archive], pool: WorkerPool, *, thorough: bool = False
    ) -> list[Archive]:
        """Return the archives with bytecode that is complete and undamaged.

        With `thorough`, all bytecode is compared with its checksums. Raises StaleArchives for
        archives that cannot be read, and OSError if nothing can be written.
        """
        boot = boot_id()
        found = [self._with_known(archive) for archive in archives]
        doubtful = [
            archive
            for archive in found
            if archive.known is not None
            and (thorough or not self._is_untouched(archive, archive.known[1], boot))
        ]
        damaged = self._damaged(doubtful, pool)
        for archive in damaged:
            self.discard(archive)
        lost = {archive.folder for archive in damaged}
        missing = [
            replace(archive, known=None)
            for archive in found
            if archive.known is None or archive.folder in lost
        ]
        if not missing:
            return found
        compiled = {each.folder: each for each in self._compiled(missing, pool)}
        return [compiled.get(archive.folder, archive) for archive in found]

    def _with_known(self, archive: Archive) -> Archive:
        """Return the archive with its bytecode, read once for all that look at it."""
        known = archive.compiled(self.key)
        return archive if known is None else replace(archive, known=(self.key, known))

    def discard(self, archive: Archive) -> None:
        """Remove the bytecode of an archive from the store; environments keep their links."""
        remove_whole(archive.bytecode_folder(self.key), self.folders.current)

    # Check

    def _is_untouched(self, archive: Archive, known: Bytecode, boot: str) -> bool:
        try:
            changed = os.stat(archive.bytecode_folder(self.key)).st_mtime_ns
        except OSError:
            return False
        return changed == archive.mtime * 1_000_000_000 and known.boot == boot

    def _damaged(self, archives: Sequence[Archive], pool: WorkerPool) -> list[Archive]:
        """Return those of the archives whose bytecode differs from its checksums."""
        if not archives:
            return []
        damaged = []
        with held(), pool.batch() as batch, interruptible():
            for archive in archives:
                known = archive.compiled(self.key)
                modules = list(known.modules) if known else []
                size = sum(size + 2000 for _, size, _ in modules)
                batch.add(archive, CheckModules(archive.bytecode_folder(self.key), modules), size)
            for archive, result in batch.all():
                assert isinstance(result, CheckedModules)
                if result.sound:
                    self._confirm(archive)
                else:
                    damaged.append(archive)
        return damaged

    def _confirm(self, archive: Archive) -> None:
        """Record that the bytecode is undamaged in this boot, if the folder can be written."""
        known = archive.compiled(self.key)
        folder = archive.bytecode_folder(self.key)
        if known is None:
            return
        with suppress(OSError):
            aside = temporary_store_path(self.folders.current)
            _write(aside, seal((known.modules, boot_id())))
            os.replace(aside, os.path.join(folder, DONE))
            finish_folder(folder, archive.mtime)

    # Compile

    def _compiled(self, archives: Sequence[Archive], pool: WorkerPool) -> list[Archive]:
        """Compile the modules of `archives`, in a temporary store if they cannot be written.

        Those that are to be compiled here are begun first, as packs may have to be waited for.
        """
        archives = sorted(archives, key=lambda one: self.packs.may_come(sha256_of_wheel(one)))
        done: dict[str, Archive] = {}
        while True:
            root = self.folders.current
            try:
                left = [archive for archive in archives if archive.folder not in done]
                self._compile_all(left, root, pool, done)
            except OSError as error:
                if not self.folders.replace(root, error):
                    raise
            else:
                return list(done.values())

    def _compile_all(
        self, archives: Sequence[Archive], root: str, pool: WorkerPool, done: dict[str, Archive]
    ) -> None:
        with held(), TemporaryFolders() as temporary, pool.batch() as batch, interruptible():

            def begin(archive: Archive, pack: str | None) -> None:
                work = _Compilation(archive, temporary.make(root), pack)
                self._start(work, batch)
                if not work.jobs_left:
                    done[archive.folder] = self._publish(work, root)

            for archive in archives:
                begin(archive, self.packs.get(archive))
            for work, result in batch.all():
                assert isinstance(result, CompiledModules | WrittenModules)
                if result.changed:
                    raise StaleArchives([work.archive])
                if work.add(result):
                    done[work.archive.folder] = self._publish(work, root)
                elif work.is_refused and not work.jobs_left:
                    self.packs.refuse(work.archive)
                    begin(work.archive, None)

    def _start(self, work: _Compilation, batch: Batch) -> None:
        """Queue the jobs of an archive; without those of a pack that does not fit."""
        archive = work.archive
        for block in self._blocks(work):
            modules = list(block.modules)
            write = WriteModules(
                pack=work.pack or "",
                offset=block.offset,
                packed=block.packed,
                folder=archive.folder,
                target=work.folder,
                mtime=archive.mtime,
                modules=modules,
            )
            work.jobs_left += 1
            batch.add(work, write, sum(code for _, _, code in modules) // _WRITTEN_FASTER)
        for portion, size in () if work.pack else _portions(archive):
            work.jobs_left += 1
            job = CompileModules(archive.folder, work.folder, archive.mtime, portion)
            batch.add(work, job, size)

    def _blocks(self, work: _Compilation) -> Sequence[Block]:
        """Return the blocks of the pack of an archive, if it has one that can be used."""
        if work.pack is None:
            return ()
        try:
            return self.packs.blocks(work.archive, work.pack)
        except UnusablePack:
            work.pack = None
            self.packs.refuse(work.archive)
            return ()

    def _publish(self, work: _Compilation, root: str) -> Archive:
        aside = work.folder
        archive = work.archive
        write_list(aside, work.modules, archive.mtime)
        os.chmod(aside, 0o777 & ~archive.umask)
        if not archive.folder.startswith(os.path.join(root, "")):
            name = os.path.basename(archive.folder)
            archive = replace(archive, bytecode=os.path.join(root, "bytecode", name))
            make_folders(archive.bytecode)
        self._put_in_place(aside, archive, root)
        if work.pack is None:
            self.packs.compiled(archive, work.seconds)
        else:
            self.packs.used(archive)
        return archive

    def _put_in_place(self, aside: str, archive: Archive, root: str) -> None:
        folder = archive.bytecode_folder(self.key)
        try:
            with suppress(FileExistsError):
                os.mkdir(os.path.dirname(folder))
            os.rename(aside, folder)
        except FileNotFoundError:
            raise StaleArchives([archive]) from None  # others removed it
        except OSError:
            if archive.compiled(self.key) is not None:
                return  # another process was faster
            if not os.path.lexists(folder):
                raise
            remove_whole(folder, root)  # it is damaged
            os.rename(aside, folder)


@dataclass(slots=True, eq=False)
class _Compilation:
    """An archive whose modules are being compiled into `folder`, or written from a `pack`.

    `modules` are done; compiling them took `seconds` of processors.
    """

    archive: Archive
    folder: str
    pack: str | None
    modules: list[CompiledModule] = field(default_factory=list)
    jobs_left: int = 0
    seconds: float = 0.0
    is_refused: bool = False

    def add(self, result: CompiledModules | WrittenModules) -> bool:
        """Add the result of a job. Return whether the archive is done."""
        self.modules += result.modules
        self.jobs_left -= 1
        if isinstance(result, CompiledModules):
            self.seconds += result.seconds
        else:
            self.is_refused |= not result.sound
        return not self.jobs_left and not self.is_refused


def write_list(folder: str, modules: Iterable[CompiledModule], mtime: int) -> None:
    """Write the list of bytecode files in `folder`, and set its time to that of the archive."""
    _write(os.path.join(folder, DONE), seal((tuple(sorted(modules)), boot_id())))
    finish_folder(folder, mtime)


def finish_folder(folder: str, mtime: int) -> None:
    """Set the time of a folder, so that a later change of its entries can be seen."""
    os.utime(folder, (mtime, mtime))


def remove_whole(folder: str, root: str) -> None:
    """Remove a folder atomically: rename it first, so that others see all of it or nothing."""
    with suppress(OSError):
        aside = temporary_store_path(root)
        os.rename(folder, aside)
        folder = aside
    remove(folder)


def _portions(archive: Archive) -> Iterator[tuple[list[tuple[int, str, int]], int]]:
    """Yield the modules of `archive` in portions that keep all workers busy to the end."""
    portion: list[tuple[int, str, int]] = []
    total = 0
    for number, name in enumerate(archive.names):
        if name.endswith(".py"):
            size = archive.sizes[number]
            portion.append((number, name, size))
            total += size + 300
            if total > _COMPILE_PART:
                yield portion, total
                portion, total = [], 0
    if portion:
        yield portion, total


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
