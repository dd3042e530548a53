"""Entries of the store that every command reads: with `os` alone, so that a start stays short."""

from __future__ import annotations

import os
from itertools import count

FORMAT = "v1"
"""Part of the path: a later layout starts afresh beside this one."""

_SERIAL = count()


class Entries:
    """The entries below `folder`, by area and key; none at all where that is None.

    Whatever cannot be written is not kept: a read-only or full cache slows a run, it does not end
    it. Keys may hold slashes.
    """

    __slots__ = ("folder",)

    def __init__(self, folder: str | None) -> None:
        self.folder = folder

    def read(self, area: str, key: str) -> bytes | None:
        """The bytes of an entry, None where there is none or it cannot be read."""
        if self.folder is None:
            return None
        try:
            with open(os.path.join(self.folder, area, key), "rb") as file:
                return file.read()
        except OSError:
            return None

    def write(self, area: str, key: str, data: bytes) -> bool:
        """Put an entry in place in one step; False where the disk would not take it."""
        if self.folder is None:
            return False
        path = os.path.join(self.folder, area, key)
        aside = os.path.join(os.path.dirname(path), unused_name())
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(aside, "xb") as file:
                file.write(data)
            os.replace(aside, path)
        except OSError:
            _forget(aside)
            return False
        return True


def entries(cache_dir: str | None) -> Entries:
    """Those of the store within pip's cache directory, whether it is there or not."""
    return Entries(os.path.join(cache_dir, "pipfast", FORMAT) if cache_dir else None)


def aside_prefix() -> str:
    """How the names of all begin that this process has put aside."""
    return f".aside-{os.getpid()}-"


def unused_name() -> str:
    """A name that no other process or thread takes."""
    return f"{aside_prefix()}{next(_SERIAL)}-{os.urandom(4).hex()}"


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it is not there either
