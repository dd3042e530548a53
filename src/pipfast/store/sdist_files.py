"""Cache downloaded files that are not unpacked: sdists, some wheels, and wheels for a while."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from pipfast.model.digest import Digest
from pipfast.store.filesystem.owned_names import remove
from pipfast.store.filesystem.private_files import private_file, private_folder
from pipfast.store.filesystem.root import Store

WAITING = "waiting"
"""The folder of wheels that are complete and not unpacked yet: a later run unpacks them."""

_STEP = 1 << 20


class FileCache:
    """The store's complete files, by SHA-256.

    A stored file is never moved or changed. Its digest is verified each time, because the cache
    folder is writable for its owner. `area` is the store's folder.
    """

    __slots__ = ("_area", "_store")

    def __init__(self, store: Store, area: str = "files") -> None:
        self._store = store
        self._area = area

    def find(self, digest: Digest, filename: str) -> Path | None:
        """Return the file's path, None if it is not stored."""
        if digest.algorithm != "sha256":
            return None
        path = self._store.path(self._area, f"{digest.value}/{filename}")
        return path if path.is_file() else None

    def keep(self, path: Path, digest: Digest) -> None:
        """Store a copy of the file at `path`; write errors are ignored."""
        place = self._store.path(self._area, f"{digest.value}/{path.name}")
        with suppress(OSError), self._store.aside() as aside:
            copy = aside / path.name
            with path.open("rb") as source, open(copy, "xb", opener=private_file) as target:
                shutil.copyfileobj(source, target, _STEP)
            private_folder(str(place.parent))
            copy.replace(place)

    def adopt(self, path: Path, digest: Digest) -> None:
        """Store the file at `path`, which nobody will change, without a copy of it.

        Without hard links nothing is stored; write errors are ignored.
        """
        place = self._store.path(self._area, f"{digest.value}/{path.name}")
        with suppress(OSError):
            private_folder(str(place.parent))
            os.link(path, place)

    def discard(self, path: Path) -> None:
        """Remove a stored file that has changed."""
        remove(str(path.parent))


def sweep_waiting(root: str) -> None:
    """Remove waiting wheels of the store `root` that are unpacked, which killed runs left."""
    with suppress(OSError), os.scandir(Path(root, WAITING)) as entries:
        for entry in entries:
            if Path(root, "archives", entry.name, "manifest").exists():
                remove(entry.path)
