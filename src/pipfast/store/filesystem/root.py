"""The store's folder: entries are written aside and renamed into place, and never half there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipfast.store.filesystem.entries import FORMAT, Entries, aside_prefix, unused_name


class Store(Entries):
    """A folder of entries shared by every environment and every run on this machine.

    `root` holds one folder an area (`pages`, `metadata`, `archives`, `interpreters`, …).
    """

    __slots__ = ("root",)

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.root = root

    def path(self, area: str, key: str) -> Path:
        """Where the entry `key` of `area` stands or would stand; `key` may hold slashes."""
        return self.root / area / key

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A fresh folder on the store's own file system, gone afterwards with what is left in it.

        Raises OSError when there is no room for it.
        """
        import shutil

        folder = self.root / unused_name()
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


_DEPTHS = ("", "*/", "*/*/")  # of folders: the root, an area, an entry or a part of its key


def aside_patterns(root: Path) -> tuple[str, ...]:
    """What `glob` finds all by that this process has put aside in a store, in any area."""
    from glob import escape

    return tuple(f"{escape(str(root))}/{depth}{aside_prefix()}*" for depth in _DEPTHS)


def _clear(root: Path) -> None:
    """Remove what this process has put aside: threads that it leaves behind do not."""
    import shutil

    for depth in _DEPTHS:
        for path in root.glob(f"{depth}{aside_prefix()}*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def located(cache_dir: str) -> Store:
    """The store within pip's cache directory, whether it is there or not."""
    return Store(Path(cache_dir, "pipfast", FORMAT))


@contextmanager
def opened(cache_dir: str | None) -> Iterator[Store]:
    """The store within pip's cache directory; one that lives as long as the run where that is None.

    A directory that cannot be made or written is replaced by a passing one, as pip goes on
    without its cache. A run that ends by an exception leaves nothing half done.
    """
    if cache_dir is not None:
        store = located(cache_dir)
        with suppress(OSError):
            store.root.mkdir(parents=True, exist_ok=True)
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
