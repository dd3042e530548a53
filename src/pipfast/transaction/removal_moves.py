"""Plan the removal of files with as few moves as possible."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from pipfast.model.frozen_dataclass import dataclass
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER


@dataclass(frozen=True, slots=True)
class RemovalMoves:
    """What to move away: complete `folders`, and single `files` (which can also be folders).

    After that, folders that the `files` leave empty are removed with their empty parents. The
    folders in `cleared` lose everything, but cannot be moved because they contain the folder of the
    transaction; their entries are among `files`.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    cleared: tuple[str, ...]


def removal_moves(present: Iterable[str]) -> RemovalMoves:
    """Return the fewest moves that remove the paths `present`, with the result of pip's uninstall.

    A folder is moved as a whole if it contains one of the paths and no other file, at any depth.
    Empty folders above it stay: pip removes empty parents only of files that it moves one by one.
    Folders of transactions are ignored in every folder.
    """
    paths = set(present)
    parents = {path.rpartition(os.sep)[0] or os.sep for path in paths}
    subfolders, tops = _folder_tree(parents)
    search = _Search(paths, parents, subfolders)
    for top in tops:
        search.collect(search.scan(top))
    return RemovalMoves(tuple(search.folders), tuple(search.files), tuple(search.cleared))


def _folder_tree(parents: set[str]) -> tuple[dict[str, set[str]], list[str]]:
    """Return the subfolders of each folder on the way to `parents`, and the topmost folders."""
    subfolders: dict[str, set[str]] = {}
    tops = []
    for folder in sorted(parents, key=len):
        above, below = os.path.dirname(folder), folder
        chain = []
        while above not in subfolders and above not in parents and above != below:
            chain.append((above, below))
            above, below = os.path.dirname(above), above
        if above != below:
            subfolders.setdefault(above, set()).add(below)
            for upper, lower in chain:
                subfolders.setdefault(upper, set()).add(lower)
        else:
            tops.append(folder)
        subfolders.setdefault(folder, set())
    return subfolders, tops


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A scanned folder: whether only removed files are in it, these files, and its subfolders."""

    folder: str
    is_removable: bool
    files: list[str]
    subfolders: list[_Scanned]


class _Search:
    """Finds the folders that hold nothing but removed files."""

    def __init__(
        self,
        paths: set[str],
        parents: set[str],
        subfolders: dict[str, set[str]],
    ) -> None:
        self._paths, self._parents, self._subfolders = paths, parents, subfolders
        self.folders: list[str] = []
        self.files: list[str] = []
        self.cleared: list[str] = []

    def collect(self, scanned: _Scanned) -> None:
        """Add the moves for a scanned folder: the folder itself if possible, else its files."""
        if scanned.is_removable and scanned.folder in self._parents:
            names = os.listdir(scanned.folder)
            others = [name for name in names if not name.startswith(TRANSACTION_FOLDER)]
            if len(names) == len(others):
                self.folders.append(scanned.folder)
            else:
                self.cleared.append(scanned.folder)
                self.files += [os.path.join(scanned.folder, name) for name in others]
            return
        self.files += scanned.files
        for subfolder in scanned.subfolders:
            self.collect(subfolder)

    def scan(self, folder: str) -> _Scanned:
        """Scan `folder`, as deep as necessary."""
        inner = self._subfolders.get(folder, set())
        is_removable, files, others = True, [], []
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                path = os.path.normcase(entry.path)
                if path in self._paths:
                    files.append(path)
                elif path not in inner and not entry.name.startswith(TRANSACTION_FOLDER):
                    if not entry.is_dir():
                        is_removable = False
                    elif not entry.is_symlink():
                        others.append(path)
        subfolders = [self.scan(path) for path in sorted(inner - self._paths)]
        is_removable = is_removable and all(below.is_removable for below in subfolders)
        is_removable = is_removable and not any(_contains_files(path) for path in others)
        return _Scanned(folder, is_removable, sorted(files), subfolders)


def _contains_files(folder: str) -> bool:
    return any(files for _, _, files in os.walk(folder, onerror=_fail))


def _fail(error: OSError) -> None:
    raise error
