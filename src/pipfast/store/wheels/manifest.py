"""A wheel that the store holds unpacked: what is in it, without looking at its files."""

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

Row = tuple[str, str]
"""A line of RECORD: the path, and all that stands behind it, hash, size and line end included."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One unpacked wheel in the store.

    File number n is ``folder/files/n``: it is `names[n]` in the wheel, has `sizes[n]` bytes, and
    may be executed if n is in `executable`. All have the time `mtime`, in whole seconds, and the
    modes of `umask`. `record` holds the rows of the wheel's own RECORD in their order, `unlisted`
    the names that RECORD does not have, `long_rows` the rows with more than three fields. `texts`
    are the bytes of its ``.dist-info`` files RECORD, WHEEL and entry_points.txt by name, and
    `length` those of the wheel file itself, in number.
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
        """The content of the file `name`. Raises KeyError if the wheel has none, and OSError."""
        try:
            number = self.names.index(name)
        except ValueError:
            raise KeyError(name) from None
        return Path(self.folder, "files", str(number)).read_bytes()

    def modules(self, key: str) -> tuple[int, ...] | None:
        """The numbers of the files that have bytecode for the interpreter `key`.

        None if nobody has compiled this archive for it. The bytecode of n is ``pyc/key/n``.
        """
        try:
            with open(os.path.join(self.folder, "pyc", key, "done"), "rb") as file:
                return tuple(unseal(file.read()))
        except (OSError, ValueError):
            return None


def seal(value: Any) -> bytes:
    """`value` as bytes that tell when they were damaged."""
    data = marshal.dumps(value, 4)
    return _MARK + hashlib.sha256(data).digest() + data


def unseal(data: bytes) -> Any:
    """What was sealed. Raises ValueError when the bytes are not those that `seal` made."""
    head = len(_MARK) + 32
    if data[:head] != _MARK + hashlib.sha256(data[head:]).digest():
        raise ValueError("damaged")
    return marshal.loads(data[head:])  # noqa: S302 - just checked to be our own


def row(path: str, digest: str = "", size: str = "") -> Row:
    """A row of RECORD as csv.writer writes it with Python's defaults (PEP 376; pip behaviour)."""
    return path, f",{quoted(digest)},{quoted(size)}\r\n"


def quoted(field: str) -> str:
    """`field` as the csv module writes it."""
    return '"' + field.replace('"', '""') + '"' if _SPECIAL.intersection(field) else field


def described(
    wheel: str, files: Iterable[tuple[int, str, int, bool]], texts: dict[str, bytes], length: int
) -> tuple[Any, ...]:
    """The fields of an Archive, but for folder, mtime and umask, from what the worker answered.

    Raises UnicodeDecodeError for a RECORD that is not UTF-8.
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
    """The rows of the wheel's RECORD, and those among them that are too long."""
    import csv

    records = [text for name, text in texts.items() if name.endswith("/RECORD")]
    if len(records) != 1:
        return (), ()
    lines = [line for line in csv.reader(records[0].decode("utf-8").splitlines()) if line]
    rows = tuple(row(*_three(line)) for line in lines)
    return rows, tuple(tuple(line) for line in lines if len(line) > 3)


def _three(line: Sequence[str]) -> tuple[str, str, str]:
    path, digest, size = (*line, "", "")[:3]
    return path, digest, size
