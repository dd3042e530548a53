"""An unpacked wheel in the store, described without reading its files."""

from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipfast.model.frozen_dataclass import dataclass

_MARK = b"pipfast archive 2\n"
_SPECIAL = frozenset(',"\r\n')

_LONGEST_FIELD = 1 << 30
"""Characters of a field of RECORD; the default of the csv module is an error after 131,072."""

Row = tuple[str, str]
"""A row of RECORD: the path, and the rest of the line with hash, size and line ending."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An unpacked wheel in the store.

    File n is ``folder/files/n``: its name in the wheel is `names[n]`, its size `sizes[n]` bytes;
    it is executable if n is in `executable`. All files have the time `mtime`, in whole seconds,
    and the modes of `umask`. `record` contains the rows of the wheel's RECORD in order,
    `unlisted` the names missing in RECORD, `long_rows` the rows with more than three fields.
    `texts` are the bytes of its ``.dist-info`` files RECORD, WHEEL and entry_points.txt by name.
    `length` is the size of the wheel file in bytes.
    """

    folder: str
    wheel: str
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    executable: frozenset[int]
    mtime: int
    umask: int
    record: tuple[Row, ...]
    unlisted: tuple[str, ...]
    long_rows: tuple[tuple[str, ...], ...]
    texts: dict[str, bytes]
    length: int

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`. Raises KeyError if there is none, and OSError."""
        try:
            number = self.names.index(name)
        except ValueError:
            raise KeyError(name) from None
        return Path(self.folder, "files", str(number)).read_bytes()

    def mode(self, number: int) -> int:
        """Return the permissions of a file as they were when it was unpacked."""
        if number in self.executable:
            return 0o777 & ~self.umask | 0o111
        return 0o666 & ~self.umask

    def modules(self, key: str) -> tuple[int, ...] | None:
        """Return the numbers of files with bytecode for the interpreter `key`.

        None if the archive was not compiled for it. The bytecode of file n is
        ``pyc/key/n``. Raises OSError.
        """
        try:
            with open(os.path.join(self.folder, "pyc", key, "done"), "rb") as file:
                return tuple(unseal(file.read()))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None


def seal(value: Any) -> bytes:
    """Serialise `value` with a checksum."""
    data = marshal.dumps(value, 4)
    return _MARK + hashlib.sha256(data).digest() + data


def unseal(data: bytes) -> Any:
    """Return the value of serialised bytes. Raises ValueError if they are damaged."""
    head = len(_MARK) + 32
    if data[:head] != _MARK + hashlib.sha256(data[head:]).digest():
        raise ValueError("damaged")
    return marshal.loads(data[head:])  # noqa: S302 - just checked to be our own


def row(path: str, digest: str = "", size: str = "") -> Row:
    """Return a row of RECORD as csv.writer writes it by default (PEP 376; pip behaviour)."""
    return path, f",{quoted(digest)},{quoted(size)}\r\n"


def quoted(field: str) -> str:
    """Return `field` as the csv module writes it."""
    return '"' + field.replace('"', '""') + '"' if _SPECIAL.intersection(field) else field


def described(
    wheel: str, files: Iterable[tuple[int, str, int, bool]], texts: dict[str, bytes], length: int
) -> tuple[Any, ...]:
    """Return the fields of an Archive, except folder, mtime and umask, from a worker's answer.

    Raises UnicodeDecodeError if RECORD is not UTF-8.
    """
    files = sorted(files)
    names = tuple(file[1] for file in files)
    record, long_rows = _rows(texts)
    listed = {path for path, _ in record}
    return (
        wheel,
        names,
        tuple(file[2] for file in files),
        tuple(file[0] for file in files if file[3]),
        record,
        tuple(name for name in names if name not in listed),
        long_rows,
        texts,
        length,
    )


def _rows(texts: dict[str, bytes]) -> tuple[tuple[Row, ...], tuple[tuple[str, ...], ...]]:
    """Return the rows of the wheel's RECORD, and those with too many fields."""
    import csv

    csv.field_size_limit(_LONGEST_FIELD)
    records = [text for name, text in texts.items() if name.endswith("/RECORD")]
    if len(records) != 1:
        return (), ()
    lines = [line for line in csv.reader(records[0].decode("utf-8").splitlines()) if line]
    rows = tuple(row(*_three(line)) for line in lines)
    return rows, tuple(tuple(line) for line in lines if len(line) > 3)


def _three(line: Sequence[str]) -> tuple[str, str, str]:
    path, digest, size = (*line, "", "")[:3]
    return path, digest, size
