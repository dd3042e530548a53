"""Staging: the files of all incoming wheels, complete, in folders beside the environment's own."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.policy.target import LinkMode
from pipfast.store.wheels.manifest import Archive
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.environment_lock import undisturbed
from pipfast.transaction.wheel_layout import Layout

_PORTION = 500  # files in one job: enough to be worth the words, few enough to share out
_WAYS = {
    LinkMode.AUTO: ["clone", "hardlink", "copy"],
    LinkMode.CLONE: ["clone", "copy"],
    LinkMode.HARDLINK: ["hardlink", "copy"],
    LinkMode.COPY: ["copy"],
}


class StaleArchives(Exception):
    """The files of these archives are not those of their manifests: unpack the wheels anew.

    No fault of the user's: the environment is untouched and the same plan can be applied again.
    """

    def __init__(self, archives: Sequence[Archive]) -> None:
        super().__init__(*(archive.wheel for archive in archives))
        self.archives = tuple(archives)


@dataclass(frozen=True, slots=True)
class Tree:
    """A staged tree: what is in the folder `staged` will be in `root`."""

    root: str
    staged: str


class Stage:
    """The staged trees of a transaction, the most particular root first."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.trees = tuple(sorted(trees, key=lambda tree: len(tree.root), reverse=True))
        self._known: dict[str, str] = {}

    def make(self, layouts: Iterable[Layout]) -> None:
        """Make the folders of the wheels' roots in pip's order: some file systems list by age."""
        for layout in layouts:
            for folder in layout.files:
                os.makedirs(self.place(folder), exist_ok=True)

    def place(self, folder: str) -> str:
        """Where the files of the final `folder` are staged. Raises ValueError outside all roots."""
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._place(folder)
        return known

    def final(self, path: str) -> str:
        """Where what is staged at `path` will be; `path` itself if it is not of the stage."""
        for tree in self.trees:
            if path.startswith(tree.staged + os.sep):
                return os.path.join(tree.root, path[len(tree.staged) + 1 :])
        return path

    def _place(self, folder: str) -> str:
        for tree in self.trees:
            if folder == tree.root:
                return tree.staged
            if folder.startswith(os.path.join(tree.root, "")):
                return tree.staged + folder[len(tree.root.rstrip(os.sep)) :]
        raise ValueError(f"{folder} is in no folder of the scheme")


@dataclass(slots=True)
class _Portion:
    """A job that grows."""

    groups: list[Any] = field(default_factory=list)
    writes: list[Any] = field(default_factory=list)
    count: int = 0


def stage(
    layouts: Sequence[tuple[Layout | None, AbstractSet[str]]],
    stage: Stage,
    workshop: Workshop,
    mode: LinkMode,
) -> Generator[int, None, None]:
    """Put the files of all layouts into the stage, the workers helping; yields files done.

    Each layout stands with the paths that are removed just before it comes: what an earlier one
    put there is gone too, as when steps are taken one by one. Of two files with one path the
    later stays (pip behaviour). Raises StaleArchives, OSError, WorkerFailedError.
    """
    batch = workshop.batch()
    ways = _WAYS[mode]
    if mode is LinkMode.AUTO and not hasattr(os, "link"):
        ways = ["copy"]
    for portion in _portions(layouts, stage):
        job = ("link", ways, portion.groups, portion.writes)
        batch.add(portion.count, job, portion.count)
    changed: set[str] = set()
    try:
        for count, sources in batch.all():
            changed.update(sources)
            yield count
    except OSError as error:
        if error.filename:  # say where it would have been: the stage is nobody's business
            error.filename = stage.final(str(error.filename))
        raise
    finally:  # whoever removes the stage must be alone
        with undisturbed():
            batch.settle()
    if changed:
        archives = {layout.archive.folder: layout.archive for layout, _ in layouts if layout}
        raise StaleArchives(
            [
                archive
                for folder, archive in archives.items()
                if any(source.startswith(folder) for source in changed)
            ]
        )


def _portions(
    layouts: Sequence[tuple[Layout | None, AbstractSet[str]]], stage: Stage
) -> Iterator[_Portion]:
    taken: set[str] = set()
    portion = _Portion()
    for layout, removed in reversed(layouts):
        for part in _parts(layout, stage, taken) if layout else ():
            portion.groups += part.groups
            portion.writes += part.writes
            portion.count += part.count
            if portion.count >= _PORTION:
                yield portion
                portion = _Portion()
        taken |= removed
    if portion.count:
        yield portion


def _parts(layout: Layout, stage: Stage, taken: set[str]) -> Iterator[_Portion]:
    """What is to be done for one wheel, what it makes first: that outranks what it brings."""
    writes = []
    for made in reversed(layout.made):
        if made.path not in taken:
            taken.add(made.path)
            folder, name = os.path.split(made.path)
            cache, code = os.path.split(made.bytecode) if made.bytecode else ("", "")
            compiled = os.path.join(stage.place(cache), code) if code else ""
            taken.add(made.bytecode)
            path = os.path.join(stage.place(folder), name)
            writes.append((path, made.content, made.executable, compiled))
    yield _Portion([], writes, len(writes))
    archive = layout.archive
    key_folders = (
        (layout.modules, layout.bytecode, 0, None),
        (layout.files, os.path.join(archive.folder, "files"), archive.mtime, archive.sizes),
    )
    for folders, source, mtime, sizes in key_folders:
        group: list[Any] = []
        count = 0
        for folder, files in folders.items():
            found = _not_taken(folder + os.sep, files, sizes, taken)
            if found:
                group.append((stage.place(folder), found))
                count += len(found)
            if count >= _PORTION:
                yield _Portion([(source, mtime, group)], [], count)
                group, count = [], 0
        if group:
            yield _Portion([(source, mtime, group)], [], count)


def _not_taken(
    folder: str, files: list[tuple[str, int]], sizes: tuple[int, ...] | None, taken: set[str]
) -> list[tuple[str, int, int]]:
    found = []
    for name, number in reversed(files):
        path = folder + name
        if path not in taken:
            taken.add(path)
            found.append((name, number, -1 if sizes is None else sizes[number]))
    return found
