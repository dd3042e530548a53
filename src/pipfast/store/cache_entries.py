"""What a cache directory holds, by kind, with sizes and the time of the last use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.build_cache.pip_wheel_cache import WHEELS
from pipfast.store.filesystem.owned_names import TEMPORARY, is_abandoned
from pipfast.store.filesystem.root import located
from pipfast.store.incidents import FOLDER as REPORTS
from pipfast.store.inventory import ANSWERS, OLD_ANSWERS
from pipfast.store.sdist_files import WAITING


class Kind(Enum):
    """A kind of cached data; the values are its names in JSON."""

    UNPACKED = "unpacked-wheels"
    BUILT = "built-wheels"
    ENVIRONMENTS = "build-environments"
    DOWNLOADS = "downloads"
    PAGES = "index-pages"
    METADATA = "metadata"
    GIT = "git-objects"
    HTTP = "http-responses"
    NOTES = "notes"
    CHANGES = "changes"
    COMMANDS = "commands"
    REPORTS = "incident-reports"
    ABANDONED = "abandoned-files"
    OTHER = "other"


_FOLDERS = {"archives": Kind.UNPACKED, "prefixes": Kind.ENVIRONMENTS, "files": Kind.DOWNLOADS,
            WAITING: Kind.DOWNLOADS}  # fmt: skip
"""Areas of the store in which each folder is an entry."""

_FILES = {"pages": Kind.PAGES, "metadata": Kind.METADATA, "partial": Kind.DOWNLOADS,
          "traces": Kind.NOTES, "backends": Kind.NOTES, "interpreters": Kind.NOTES,
          "history": Kind.CHANGES, "last": Kind.COMMANDS,
          "built": Kind.BUILT, "told": Kind.BUILT}  # fmt: skip
"""Areas in which each file is an entry. Those of another name are `OTHER`.

The answers of build backends belong to built wheels: neither can be downloaded.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """An entry at `path`, a file or folder; sizes are in bytes.

    `shared` are the bytes in files that have other hard links, which are those that environments
    share with the store. `bytecode` is the part of `size` that is compiled code.
    `used` is the time of the last use, in seconds since 1970.
    """

    kind: Kind
    path: Path
    size: int
    used: float
    shared: int = 0
    bytecode: int = 0


def cache_entries(cache_dir: Path) -> Iterator[CacheEntry]:
    """Yield what pip's cache directory holds, of pip and of pipfast's store."""
    for name in (OLD_ANSWERS, ANSWERS):
        yield from _each_file(Kind.HTTP, cache_dir / name)
    yield from _each_file(Kind.BUILT, cache_dir / WHEELS)
    yield from _each_file(Kind.REPORTS, cache_dir / REPORTS)
    for area in _below(located(str(cache_dir)).root):
        yield from _in_area(area)


def _in_area(area: Path) -> Iterator[CacheEntry]:
    """Yield the entries of a folder of the store."""
    if area.name in _FOLDERS:
        yield from (_folder(_FOLDERS[area.name], entry) for entry in _below(area))
    elif area.name == "clones":
        yield from (_folder(Kind.GIT, entry) for pool in _below(area) for entry in _below(pool))
    elif area.name == TEMPORARY:
        with suppress(OSError), os.scandir(area) as entries:
            for entry in entries:
                if is_abandoned(entry):
                    yield _folder(Kind.ABANDONED, Path(entry.path))
    else:
        yield from _each_file(_FILES.get(area.name, Kind.OTHER), area)


def _each_file(kind: Kind, folder: Path) -> Iterator[CacheEntry]:
    for path, facts in _files(folder):
        used = max(facts.st_mtime, facts.st_atime)
        yield CacheEntry(kind=kind, path=path, size=facts.st_size, used=used)


def _folder(kind: Kind, folder: Path) -> CacheEntry:
    """Return a folder as one entry.

    A run that uses the folder sets its time. The last access to a file in it counts too, except in
    an unpacked wheel, because environments read the same files.
    """
    size = shared = bytecode = 0
    used = _time_of(folder)
    for path, facts in _files(folder):
        size += facts.st_size
        shared += facts.st_size if facts.st_nlink > 1 else 0
        if kind is Kind.UNPACKED:
            is_bytecode = path.relative_to(folder).parts[0] == "pyc"
            bytecode += facts.st_size if is_bytecode else 0
        elif kind is not Kind.ENVIRONMENTS:
            used = max(used, facts.st_mtime, facts.st_atime)
    return CacheEntry(
        kind=kind, path=folder, size=size, shared=shared, bytecode=bytecode, used=used
    )


def _time_of(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # it was removed meanwhile
        return 0.0


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files at or below a path; links are not followed."""
    if not folder.is_dir() or folder.is_symlink():
        with suppress(OSError):
            yield folder, folder.lstat()
        return
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with suppress(OSError):
                yield path, path.lstat()


def _below(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []
