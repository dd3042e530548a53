"""The store's root folder. Entries are written to a temporary name and renamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipfast.model.events import Listener, silent
from pipfast.store.filesystem.entries import FORMAT, Entries
from pipfast.store.filesystem.owned_names import (
    TEMPORARY,
    owner,
    remove,
    temporary,
    temporary_store_folder,
)
from pipfast.store.filesystem.private_files import OWN, private_folder
from pipfast.store.filesystem.store_folders import StoreFolders


class Store(Entries):
    """A folder of entries shared by all environments and runs on this machine.

    `root` contains one folder per area (`pages`, `metadata`, `archives`, `interpreters`, …).
    `folders` is where this run writes unpacked wheels and downloads; they may be temporary.
    """

    __slots__ = ("folders", "root")

    def __init__(self, root: Path, emit: Listener = silent) -> None:
        super().__init__(str(root))
        self.root = root
        self.folders = StoreFolders(str(root), emit)

    def path(self, area: str, key: str) -> Path:
        """Return the path of an entry, which may not exist; `key` may contain slashes."""
        return self.root / area / key

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """Yield a new folder on the store's file system, which is removed afterwards.

        Raises OSError if there is no space.
        """
        folder = temporary_store_folder(str(self.root))
        try:
            yield Path(folder)
        finally:
            remove(folder)


def own_temporary_files(root: Path) -> str:
    """Return a `glob` pattern of this process's temporary files in a store."""
    from glob import escape

    return f"{escape(str(root / TEMPORARY))}/*-{owner()}-*"


def _clear(root: Path) -> None:
    """Remove this process's temporary files, which abandoned threads may have left."""
    for path in (root / TEMPORARY).glob(f"*-{owner()}-*"):
        remove(str(path))


def located(cache_dir: str, emit: Listener = silent) -> Store:
    """Return the store in pip's cache directory, whether it exists or not."""
    return Store(Path(cache_dir, OWN, FORMAT), emit)


def _close(folder: Path) -> None:
    """Remove other users' permissions, which an earlier release granted. Raises OSError."""
    mode = folder.stat().st_mode
    if mode & 0o077:
        folder.chmod(mode & 0o700)


@contextmanager
def opened(cache_dir: str | None, emit: Listener = silent) -> Iterator[Store]:
    """Yield the store in pip's cache directory, or a temporary one if that is None.

    If it cannot be written, a temporary store replaces it, because pip also works without its
    cache. A run that raises leaves no partial entries.
    """
    if cache_dir is None:
        with temporary("pipfast-store") as folder:
            yield Store(Path(folder), emit)
        return
    store = located(cache_dir, emit)
    with suppress(OSError):
        private_folder(str(store.root))
        _close(store.root.parent)
    try:
        yield store
    except BaseException:
        with suppress(OSError):
            _clear(store.root)
        raise
    finally:
        store.folders.close()
