"""Shared objects in a folder: a local one, NFS, or another mounted file system."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass
from pipfast.remote_store.engine import Chunks, EngineFailed, Take

_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class FolderEngine:
    """The folder `root`, which must exist: an unmounted file system is no empty store.

    Objects are written beside their name and renamed, so that no reader sees a part of one.
    """

    root: Path

    def get(self, name: str, take: Take) -> bool:
        """Read a file."""
        try:
            with (self.root / name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    take(chunk)
        except FileNotFoundError:
            self._check()
            return False
        except OSError as error:
            raise EngineFailed(str(error)) from None
        return True

    def has(self, name: str) -> bool:
        """Look for a file."""
        self._check()
        return (self.root / name).is_file()

    def put(self, name: str, size: int, chunks: Chunks) -> None:
        """Write a file."""
        del size
        self._check()
        path = self.root / name
        aside = path.with_name(f".{path.name[:16]}-{os.getpid()}-{os.urandom(4).hex()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("xb") as file:
                file.writelines(chunks())
            aside.replace(path)
        except OSError as error:
            raise EngineFailed(str(error)) from None
        finally:
            with suppress(OSError):
                aside.unlink()

    def close(self) -> None:
        """Nothing is open."""

    def _check(self) -> None:
        if not self.root.is_dir():
            missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.root))
            raise EngineFailed(str(missing))
