"""Limit how much zipfile reads at once: it reads an archive's directory in one piece."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipfast.model.input_limits import LimitExceeded, Unit

DIRECTORY_SIZE = 8 << 20
"""Maximum bytes of a directory that zipfile reads; it takes about 1 KiB of memory per member."""


def zipfile_errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """Return what zipfile raises for a damaged archive or one with unknown features, and `more`."""
    from zipfile import BadZipFile
    from zlib import error as zlib_error

    return (
        *(BadZipFile, EOFError, struct.error, zlib_error),
        RuntimeError,  # of a password or an unknown method
        *(ValueError, OverflowError),  # of names and numbers
        *more,
    )


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
