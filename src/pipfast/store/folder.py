"""The store's folder: entries are written aside and renamed into place, and never half there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FORMAT = "v1"
"""Part of the path: a later layout starts afresh beside this one."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of entries shared by every environment and every run on this machine.

    `root` holds one folder an area (`pages`, `metadata`, `archives`, `interpreters`, …). Whatever
    cannot be written is not kept: a read-only or full cache slows a run, it does not end it.
    """

    root: Path

    def path(self, area: str, key: str) -> Path:
        """Where the entry `key` of `area` stands or would stand; `key` may hold slashes."""
        return self.root / area / key

    def read(self, area: str, key: str) -> bytes | None:
        """The bytes of an entry, None where there is none or it cannot be read."""
        try:
            with open(self.path(area, key), "rb") as file:  # noqa: PTH123 - half of Path.open's time
                return file.read()
        except OSError:
            return None

    def write(self, area: str, key: str, data: bytes) -> bool:
        """Put an entry in place in one step; False where the disk would not take it."""
        path = self.path(area, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(aside, path)  # noqa: PTH105 - a str is what we have
        except OSError:
            with suppress(OSError):
                os.unlink(aside)  # noqa: PTH108 - a str is what we have
            return False
        return True

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A fresh folder on the store's own file system, gone afterwards with what is left in it.

        Raises OSError when there is no room for it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self.root, prefix=".aside-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def opened(cache_dir: str | None) -> Iterator[Store]:
    """The store within pip's cache directory; one that lives as long as the run where that is None.

    A directory that cannot be made or written is replaced by a passing one, as pip goes on
    without its cache.
    """
    if cache_dir is not None:
        root = Path(cache_dir) / "pipfast" / FORMAT
        with suppress(OSError):
            root.mkdir(parents=True, exist_ok=True)
            if os.access(root, os.W_OK):
                yield Store(root)
                return
    with tempfile.TemporaryDirectory(prefix="pipfast-", ignore_cleanup_errors=True) as passing:
        yield Store(Path(passing))
