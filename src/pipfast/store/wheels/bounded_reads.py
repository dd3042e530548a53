"""Limit how much zipfile reads at once: it reads an archive's directory in one piece."""

from __future__ import annotations

from typing import BinaryIO

from pipfast.model.input_limits import LimitExceeded, Unit

DIRECTORY_SIZE = 8 << 20
"""Maximum bytes of a directory that zipfile reads; it takes about 1 KiB of memory per member."""


class BoundedReads:
    """A file object that refuses reads of more than DIRECTORY_SIZE bytes.

    `name` is the name of `file` in errors.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes. Raises LimitExceeded."""
        if size > DIRECTORY_SIZE:
            raise LimitExceeded(self._name, DIRECTORY_SIZE >> 20, Unit.DIRECTORY)
        return self._file.read(size)
