"""The store's root folder. Entries are written to a temporary name and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipfast.store.filesystem.entries import (
    FORMAT,
    OWN,
    Entries,
    aside_prefix,
    private_folder,
    unused_name,
)


class Store(Entries):
    """A folder of entries shared by all environments and runs on this machine.

    `root` contains one folder per area (`pages`, `metadata`, `archives`, `interpreters`, …).
    """

    __slots__ = ("root",)

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.root = root

    def path(self, area: str, key: str) -> Path:
        """Return the path of an entry, which may not exist; `key` may contain slashes."""
        return self.root / area / key

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """Yield a new folder on the store's file system, which is removed afterwards.

        Raises OSError if there is no space.
        """
        import shutil

        folder = self.root / unused_name()
        private_folder(str(folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


_DEPTHS = ("", "*/", "*/*/")  # of folders: the root, an area, an entry or a part of its key


def aside_patterns(root: Path) -> tuple[str, ...]:
    """Return `glob` patterns of this process's temporary files in all areas of a store."""
    from glob import escape

    return tuple(f"{escape(str(root))}/{depth}{aside_prefix()}*" for depth in _DEPTHS)


def _clear(root: Path) -> None:
    """Remove this process's temporary files, which abandoned threads leave behind."""
    import shutil

    for depth in _DEPTHS:
        for path in root.glob(f"{depth}{aside_prefix()}*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def located(cache_dir: str) -> Store:
    """Return the store in pip's cache directory, whether it exists or not."""
    return Store(Path(cache_dir, OWN, FORMAT))


def _close(folder: Path) -> None:
    """Close a folder, which an earlier release left open, to other users. Raises OSError."""
    mode = folder.stat().st_mode
    if mode & 0o077:
        folder.chmod(mode & 0o700)


@contextmanager
def opened(cache_dir: str | None) -> Iterator[Store]:
    """Yield the store in pip's cache directory, or a temporary one if that is None.

    A directory that cannot be created or written is replaced by a temporary one, because pip
    works without its cache, too. A run that raises leaves no partial entries.
    """
    if cache_dir is not None:
        store = located(cache_dir)
        with suppress(OSError):
            private_folder(str(store.root))
            _close(store.root.parent)
        if os.access(store.root, os.W_OK):
            try:
                yield store
            except BaseException:
                with suppress(OSError):
                    _clear(store.root)
                raise
            return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pipfast-", ignore_cleanup_errors=True) as passing:
        yield Store(Path(passing))
