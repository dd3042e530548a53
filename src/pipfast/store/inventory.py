"""The content of a cache directory: pip's caches, and pipfast's store and reports."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.build_cache.pip_wheel_cache import WHEELS
from pipfast.store.build_cache.wheel_stores import AREA
from pipfast.store.filesystem.in_use import claimed
from pipfast.store.filesystem.owned_names import (
    TEMPORARY,
    is_abandoned,
    remove,
    temporary_store_path,
)
from pipfast.store.filesystem.root import Store, located
from pipfast.store.incidents import FOLDER as RECORDS
from pipfast.store.sdist_files import WAITING

OLD_ANSWERS, ANSWERS = "http", "http-v2"
"""The folders of pip's HTTP cache, before and since 23.3."""

_WHOLE_AREAS = ("archives", "prefixes", "files", WAITING)
_COMPOUND_AREAS = (*_WHOLE_AREAS, "clones", TEMPORARY)


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: paths in order, and the total size of the files in bytes."""

    files: tuple[Path, ...]
    size: int
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The content of pip's cache directory `folder`, whether it exists or not."""

    folder: Path

    @property
    def store(self) -> Path:
        """The folder of pipfast's store, in all formats."""
        return self._store.root.parent

    @property
    def _store(self) -> Store:
        return located(str(self.folder))

    @property
    def _wheel_folders(self) -> tuple[Path, Path]:
        return self.folder / WHEELS, self._store.root / AREA / WHEELS

    def answers(self) -> list[Path]:
        """Return the files of pip's HTTP caches."""
        return [*_files(self.folder / OLD_ANSWERS), *_files(self.folder / ANSWERS)]

    def wheels(self, pattern: str) -> list[Path]:
        """Return the built wheels for `pattern`, a glob of a project or a project and a version.

        This includes those without a place in pip's cache, each wheel once.
        """
        found: dict[tuple[int, int], Path] = {}
        for path in self.built(pattern):
            with suppress(FileNotFoundError):
                facts = path.stat()
                found.setdefault((facts.st_dev, facts.st_ino), path)
        return list(found.values())

    def built(self, pattern: str) -> Iterator[Path]:
        """Return all paths of these wheels, for removing them."""
        pattern += "*.whl" if "-" in pattern else "-*.whl"
        for folder in self._wheel_folders:
            yield from _files(folder, pattern)

    def remove(self, files: Iterable[Path], *, everything: bool) -> Removed:
        """Remove `files`, and folders that become empty.

        With `everything` pipfast's store and reports are removed too. Raises OSError.
        """
        removal = Removal()
        removal.unlink(files)
        loose = _loose_folders(self.store, self.folder / RECORDS) if everything else []
        if everything:
            for entry in _entries(self.store):
                removal.remove_whole(entry, str(self._store.root))
            for folder in loose:
                removal.unlink(_files(folder))
        for place in (self.folder / OLD_ANSWERS, self.folder / ANSWERS):
            removal.remove_folders(_folders_without(place, "*"))
        for place in self._wheel_folders:
            removal.remove_folders(_folders_without(place, "*.whl"), with_files=True)
        for place in loose:
            removal.remove_folders(_folders_without(place, "*"))
        if everything:
            removal.remove_folders(_parents(self.store))
        return Removed(tuple(removal.files), removal.size, tuple(removal.folders))


class Removal:
    """Removes files and folders, beside running installs, and records what it removed."""

    def __init__(self) -> None:
        self.files: dict[Path, None] = {}
        self.folders: dict[Path, None] = {}
        self.size = 0

    def unlink(self, files: Iterable[Path]) -> None:
        """Remove files. Raises OSError."""
        for path in files:
            self.files[path] = None
            with suppress(FileNotFoundError):
                self.size += path.stat().st_size
                path.unlink()

    def remove_whole(self, entry: Path, root: str) -> None:
        """Remove an entry of the store, unless a run uses it in place.

        Other processes see all of it or nothing.
        """
        with claimed(str(entry)) as is_free:
            if not is_free:
                return
            for folder, _, names in os.walk(entry):
                self.folders[Path(folder)] = None
                for name in names:
                    self.files[Path(folder, name)] = None
            self.size += size_of(entry)
            aside = str(entry)
            with suppress(OSError):
                unused = temporary_store_path(root)
                entry.rename(unused)
                aside = unused
            remove(aside)

    def remove_folders(self, folders: Iterable[Path], *, with_files: bool = False) -> None:
        """Remove empty folders; `with_files` those with files, too.

        One that another process uses again stays.
        """
        for folder in folders:
            with suppress(OSError):
                for path in folder.iterdir() if with_files else ():
                    path.unlink(missing_ok=True)
                folder.rmdir()
                self.folders[folder] = None


def _entries(store: Path) -> Iterator[Path]:
    """Yield the entries that consist of several files, and what killed runs left."""
    for root in _below(store):
        for area in _WHOLE_AREAS:  # each of their folders is an entry
            yield from _below(root / area)
        for pool in _below(root / "clones"):
            yield from _below(pool)
        with suppress(OSError), os.scandir(root / TEMPORARY) as entries:
            yield from [Path(entry.path) for entry in entries if is_abandoned(entry)]


def _loose_folders(store: Path, records: Path) -> list[Path]:
    """Return the folders of entries that are single files, which nothing uses in place."""
    areas = [area for root in _below(store) for area in _below(root)]
    return [*(area for area in areas if area.name not in _COMPOUND_AREAS), records]


def _parents(store: Path) -> Iterator[Path]:
    """Yield the folders above the entries that consist of several files, deepest first."""
    for root in _below(store):
        yield from _below(root / "clones")
        yield from (root / name for name in _COMPOUND_AREAS)
        yield root
    yield store


def _below(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []


def size_of(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes; links count 0."""
    if path.is_dir():
        return sum(map(size_of, _files(path)))
    with suppress(FileNotFoundError):
        return 0 if path.is_symlink() else path.stat().st_size
    return 0


def _files(folder: Path, pattern: str = "*") -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in fnmatch.filter(names, pattern):
            yield Path(place, name)


def _folders_without(folder: Path, pattern: str) -> list[Path]:
    """Yield `folder` and its subfolders without a file of `pattern`, deepest first."""
    folders: list[Path] = []
    needed: set[Path] = set()
    for place, _, names in os.walk(folder.resolve()):
        path = Path(place)
        folders.append(path)
        if fnmatch.filter(names, pattern):
            needed.update((path, *path.parents))
    return [path for path in sorted(folders, reverse=True) if path not in needed]
