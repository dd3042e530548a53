"""Entries of the store that every command reads; uses only `os` to keep startup short."""

from __future__ import annotations

import os

from pipfast.store.filesystem.private_files import OWN, private_file, private_folder

FORMAT = "v1"
"""Part of the path: a later format uses another folder."""


class Entries:
    """The entries below `folder`, by area and key; none if it is None.

    Write errors are ignored: a read-only or full cache makes a run slower and does not end it.
    Keys may contain slashes.
    """

    __slots__ = ("folder",)

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def read(self, area: str, key: str) -> bytes | None:
        """Return an entry's bytes, None if it does not exist or cannot be read."""
        if self.folder is None:
            return None
        try:
            with open(os.path.join(self.folder, area, key), "rb") as file:
                return file.read()
        except OSError:
            return None

    def write(self, area: str, key: str, data: bytes) -> bool:
        """Write an entry atomically; return False if that failed."""
        if self.folder is None:
            return False
        from pipfast.store.filesystem.owned_names import temporary_store_path

        path = os.path.join(self.folder, area, key)
        aside = ""
        try:
            aside = temporary_store_path(self.folder)
            private_folder(os.path.dirname(path))
            with open(aside, "xb", opener=private_file) as file:
                file.write(data)
            os.replace(aside, path)
        except OSError:
            _forget(aside)
            return False
        except BaseException:
            _forget(aside)
            raise
        return True


def entries(cache_dir: str | None) -> Entries:
    """Return the entries in pip's cache directory, whether it exists or not."""
    return Entries(os.path.join(cache_dir, OWN, FORMAT) if cache_dir else None)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it does not exist either
