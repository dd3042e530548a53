"""Build environments that are reused between runs while their files are unchanged.

Filling an environment takes a link for each file, and removing it takes longer, because the
system waits for each folder. Builds only read environments; one that was written to is detected
by names, sizes and times of its files, and is not used again. The bytecode of what builds import is
an exception: Python writes it, and compares it with its source before it is used.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pipfast.store.filesystem.in_use import claimed, hold
from pipfast.store.filesystem.owned_names import temporary_store_folder
from pipfast.store.filesystem.private_files import private_folder
from pipfast.store.filesystem.rmtree import remove_trees
from pipfast.store.filesystem.root import Store

AREA = "prefixes"
"""The store's area: for each key a folder with the prefix and its fingerprint, `seal`."""

_UNUSED = 30 * 86_400  # seconds after which an unused prefix is removed


class BuildEnvironmentCache:
    """A store's build environments. Safe for several threads and processes."""

    def __init__(self, store: Store) -> None:
        self._store = str(store.root)
        self._root = store.path(AREA, "")

    def find(self, key: str, name: str) -> Path | None:
        """Return the prefix `name` under `key`, None if it is missing or was changed."""
        folder = self._root / key
        hold(str(folder))
        try:
            seal = (folder / "seal").read_text()
            if seal != _fingerprint(str(folder / name)):
                return None
            os.utime(folder)
        except OSError:
            return None
        return folder / name

    def made(self, key: str, name: str, make: Callable[[Path], None]) -> Path | None:
        """Return the prefix that `make` fills, stored under `key`; None if a changed one exists.

        That one may be in use, so it remains until it expires. Raises OSError and the errors of
        `make`; no partial entry remains.
        """
        private_folder(str(self._root))
        self._sweep()
        aside = Path(temporary_store_folder(self._store))
        try:
            make(aside / name)
            (aside / "seal").write_text(_fingerprint(str(aside / name)))
            with suppress(OSError):
                aside.rename(self._root / key)
            return self.find(key, name)
        finally:
            if aside.exists():
                remove_trees(str(aside))

    def _sweep(self) -> None:
        """Remove expired entries."""
        with suppress(OSError):
            for folder in self._root.iterdir():
                if folder.stat().st_mtime < time.time() - _UNUSED:
                    with claimed(str(folder)) as is_free:
                        if is_free:
                            remove_trees(str(folder))


def _fingerprint(prefix: str) -> str:
    """Return a digest of names, sizes and times of all files below `prefix`, bytecode excepted."""
    digest = hashlib.sha256()
    for line in _lines(prefix, ""):
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(folder: str, shown: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = f"{shown}/{entry.name}"
        if entry.name == "__pycache__":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield f"{name}/\n"
            yield from _lines(entry.path, name)
        else:
            status = entry.stat(follow_symlinks=False)
            yield f"{name} {status.st_size} {status.st_mtime_ns}\n"
