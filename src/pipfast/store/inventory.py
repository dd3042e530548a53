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
from pipfast.store.filesystem.root import Store, located
from pipfast.store.incidents import FOLDER as RECORDS

OLD_ANSWERS, ANSWERS = "http", "http-v2"
"""The folders of pip's HTTP cache, before and since 23.3."""


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
    def _own_folders(self) -> tuple[Path, Path]:
        """The folders that belong to pipfast."""
        return self.store, self.folder / RECORDS

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
        own_folders = self._own_folders if everything else ()
        going = dict.fromkeys(
            (*files, *(path for folder in own_folders for path in _files(folder)))
        )
        size = 0
        for path in going:
            with suppress(FileNotFoundError):
                size += path.stat().st_size
                path.unlink()
        empty = [self.folder / OLD_ANSWERS, self.folder / ANSWERS]
        folders = [
            *(one for place in empty for one in _folders_without(place, "*")),
            *(one for place in self._wheel_folders for one in _folders_without(place, "*.whl")),
            *(one for folder in own_folders for one in _folders_without(folder, "*")),
        ]
        gone = [folder for folder in folders if _remove_folder(folder)]
        return Removed(tuple(going), size, tuple(gone))


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


def _remove_folder(folder: Path) -> bool:
    """Remove a folder with its files; return whether it existed."""
    try:
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()
    except FileNotFoundError:
        return False
    return True
