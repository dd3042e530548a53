"""Stage the files of wheels, complete, in folders that are then moved into the environment."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.environment.presence import exists
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.policy.target import LinkMode
from pipfast.store.filesystem.private_files import make_folders
from pipfast.store.wheels.manifest import StaleArchives
from pipfast.store.workers.pool import WorkerPool
from pipfast.store.workers.protocol import LinkedFiles, LinkFiles
from pipfast.transaction.wheel_layout import FilesByFolder, Layout

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import GeneratedFile, LinkedFile, LinkGroup

_JOB_SIZE = 500  # files in a job of a worker: enough to outweigh the messages, few enough to share
_LINK_METHODS = {
    LinkMode.AUTO: ["clone", "hardlink", "copy"],
    LinkMode.CLONE: ["clone", "copy"],
    LinkMode.HARDLINK: ["hardlink", "copy"],
    LinkMode.COPY: ["copy"],
}


@dataclass(frozen=True, slots=True)
class StagedTree:
    """A staged tree: the content of the folder `staged` will be moved to `root`."""

    root: str
    staged: str


class StagingArea:
    """The staged trees of a transaction, the deepest root first."""

    def __init__(self, trees: Sequence[StagedTree]) -> None:
        self.trees = tuple(sorted(trees, key=lambda tree: len(tree.root), reverse=True))
        self._staged: dict[str, str] = {}
        self._roots = [(os.path.join(tree.root, ""), tree.staged) for tree in self.trees]

    def create_folders(self, layouts: Iterable[Layout]) -> None:
        """Create the folders of wheels in pip's order: some file systems list entries by age."""
        for layout in layouts:
            for folder in layout.files:
                make_folders(self.staged(folder))

    def staged(self, folder: str) -> str:
        """Return the folder in which the files of the final `folder` are staged.

        Raises ValueError if `folder` is in no root.
        """
        staged = self._staged.get(folder)
        if staged is None:
            staged = self._staged[folder] = self._find(folder)
        return staged

    def final(self, path: str) -> str:
        """Return the final path of a staged file; `path` itself if it is not staged."""
        for tree in self.trees:
            if path.startswith(tree.staged + os.sep):
                return os.path.join(tree.root, path[len(tree.staged) + 1 :])
        return path

    def _find(self, folder: str) -> str:
        inside = folder + os.sep
        for root, staged in self._roots:
            if inside.startswith(root):
                return staged + inside[len(root) - 1 : -1]
        raise ValueError(f"{folder} is in no folder of the scheme")


@dataclass(slots=True)
class _Job:
    """Files for one job of a worker: `groups` are linked, `writes` are written."""

    groups: list[LinkGroup] = field(default_factory=list)
    writes: list[GeneratedFile] = field(default_factory=list)
    count: int = 0


class _Facts(NamedTuple):
    """Sizes and permissions of an archive's files as they were unpacked, by number."""

    sizes: Sequence[int] | Mapping[int, int]
    mode: int
    executable: AbstractSet[int] = frozenset()
    executable_mode: int = 0


def stage(
    layouts: Sequence[tuple[Layout | None, AbstractSet[str]]],
    area: StagingArea,
    workers: WorkerPool,
    mode: LinkMode,
) -> Generator[int, None, None]:
    """Stage the files of all layouts in parallel, and yield numbers of files as they are done.

    Each layout comes with the paths that its step removes first: files that earlier steps staged
    there are dropped, as if the steps ran one after the other. If two wheels contain the same path,
    the later one wins (pip behaviour). Raises StaleArchives, OSError, WorkerFailedError.
    """
    methods = _LINK_METHODS[mode]
    if (mode is LinkMode.AUTO and not hasattr(os, "link")) or _is_anothers(area):
        methods = ["copy"]
    changed: set[str] = set()
    try:
        # no worker may write when the staging area is removed
        with held(), workers.batch() as batch, interruptible():
            for job in _jobs(layouts, area):
                batch.add(job.count, LinkFiles(methods, job.groups, job.writes), job.count)
            for count, result in batch.all():
                assert isinstance(result, LinkedFiles)
                changed.update(result.changed)
                yield count
    except OSError as error:
        if error.filename:  # name the final path: users do not know the staged one
            error.filename = area.final(str(error.filename))
        raise
    if changed:
        archives = {layout.archive.folder: layout.archive for layout, _ in layouts if layout}
        compiled = {layout.bytecode_folder: layout.archive for layout, _ in layouts if layout}
        raise StaleArchives(
            [archive for folder, archive in archives.items() if _files_of(folder) in changed],
            [archive for folder, archive in compiled.items() if folder in changed],
        )


def _files_of(folder: str) -> str:
    return os.path.join(folder, "files")


def _jobs(
    layouts: Sequence[tuple[Layout | None, AbstractSet[str]]], area: StagingArea
) -> Iterator[_Job]:
    """Yield jobs of about `_JOB_SIZE` files. Layouts are read last to first: the last file wins."""
    taken: set[str] = set()
    job = _Job()
    for layout, removed in reversed(layouts):
        for part in _parts(layout, area, taken) if layout else ():
            job.groups += part.groups
            job.writes += part.writes
            job.count += part.count
            if job.count >= _JOB_SIZE:
                yield job
                job = _Job()
        taken |= removed
    if job.count:
        yield job


def _parts(layout: Layout, area: StagingArea, taken: set[str]) -> Iterator[_Job]:
    """Yield the parts of one wheel; generated files come first, as they win over the wheel's."""
    writes = []
    for generated in reversed(layout.generated):
        if generated.path not in taken:
            taken.add(generated.path)
            folder, name = os.path.split(generated.path)
            cache, code = os.path.split(generated.bytecode) if generated.bytecode else ("", "")
            compiled = os.path.join(area.staged(cache), code) if code else ""
            taken.add(generated.bytecode)
            path = os.path.join(area.staged(folder), name)
            writes.append((path, generated.content, generated.mode, compiled))
    yield _Job([], writes, len(writes))
    archive = layout.archive
    sources: tuple[tuple[FilesByFolder, str, _Facts], ...] = (
        (
            layout.bytecode_files,
            layout.bytecode_folder,
            _Facts(layout.bytecode_sizes, archive.mode(executable=False)),
        ),
        (
            layout.files,
            _files_of(archive.folder),
            _Facts(
                archive.sizes,
                archive.mode(executable=False),
                archive.executable,
                archive.mode(executable=True),
            ),
        ),
    )
    for folders, source, facts in sources:
        group: list[tuple[str, list[LinkedFile]]] = []
        count = 0
        for folder, files in folders.items():
            found = _not_taken(folder + os.sep, files, facts, taken)
            if found:
                group.append((area.staged(folder), found))
                count += len(found)
            if count >= _JOB_SIZE:
                yield _Job([(source, archive.mtime, group)], [], count)
                group, count = [], 0
        if group:
            yield _Job([(source, archive.mtime, group)], [], count)


def _not_taken(
    folder: str, files: list[tuple[str, int]], facts: _Facts, taken: set[str]
) -> list[LinkedFile]:
    """Return the files that no later wheel has."""
    found = []
    sizes, mode, executable, executable_mode = facts
    for name, number in reversed(files):
        path = folder + name
        if path not in taken:
            taken.add(path)
            permissions = executable_mode if number in executable else mode
            found.append((name, number, sizes[number], permissions))
    return found


def _is_anothers(area: StagingArea) -> bool:
    """Return whether the environment belongs to another user, who could change linked files.

    That is so where root installs into the environment of a user.
    """
    if not hasattr(os, "geteuid"):
        return False
    return any(_owner(tree.root) != os.geteuid() for tree in area.trees)


def _owner(folder: str) -> int:
    """Return the user id of the owner of `folder`, or of the nearest parent that exists."""
    while not exists(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return os.stat(folder).st_uid
