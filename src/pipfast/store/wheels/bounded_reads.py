"""A file for zipfile, which reads an archive's directory at once, whatever size that claims."""

from __future__ import annotations

from typing import BinaryIO

from pipfast.model.input_limits import LimitExceeded, Unit

DIRECTORY_SIZE = 8 << 20
"""Bytes of the directory of a ZIP file that zipfile reads; it takes a kilobyte for a member."""


class BoundedReads:
    """The file `file`, called `name` in errors, without pieces larger than DIRECTORY_SIZE."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes. Raises LimitExceeded."""
        if size > DIRECTORY_SIZE:
            raise LimitExceeded(self._name, DIRECTORY_SIZE >> 20, Unit.DIRECTORY)
        return self._file.read(size)
