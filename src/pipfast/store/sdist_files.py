"""Downloaded files that are worth keeping as they are: sdists, and wheels that nobody unpacked."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from pipfast.model.digest import Digest
from pipfast.store.filesystem.root import Store


class KeptFiles:
    """The store's whole files, by their SHA-256.

    A kept file is never handed out to be moved or changed, and whoever takes it looks whether it
    still has its digest: a folder of a cache is open to everybody who owns it.
    """

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, digest: Digest, filename: str) -> Path | None:
        """Where the file is, None where it is not kept."""
        if digest.algorithm != "sha256":
            return None
        path = self._store.path("files", f"{digest.value}/{filename}")
        return path if path.is_file() else None

    def keep(self, path: Path, digest: Digest) -> None:
        """Keep a copy of the file at `path`; a store that does not take it goes without."""
        place = self._store.path("files", f"{digest.value}/{path.name}")
        with suppress(OSError), self._store.aside() as aside:
            copy = aside / path.name
            shutil.copyfile(path, copy)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy.replace(place)

    def discard(self, path: Path) -> None:
        """Forget a kept file that is not what it was."""
        shutil.rmtree(path.parent, ignore_errors=True)
