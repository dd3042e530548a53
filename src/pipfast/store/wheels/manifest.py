"""An unpacked wheel in the store, described without reading its files."""

from __future__ import annotations

import hashlib
import marshal
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipfast.model.frozen_dataclass import dataclass

_MARK = b"pipfast archive 3\n"
_SPECIAL = frozenset(',"\r\n')

_LONGEST_FIELD = 1 << 30
"""Characters of a field of RECORD; the default of the csv module is an error after 131,072."""

DONE = "done"
"""Name of the file that describes a folder of bytecode; it is written last."""

Row = tuple[str, str]
"""A row of RECORD: the path, and the rest of the line with hash, size and line ending."""


CompiledModule = tuple[int, int, int]
"""Number of a module in the archive, and size in bytes and CRC of its bytecode."""


@dataclass(frozen=True, slots=True)
class Bytecode:
    """The bytecode of an archive for one kind of interpreter.

    `boot` identifies the boot of the system in which it was last compared with its checksums.
    """

    modules: tuple[CompiledModule, ...]
    boot: str


@dataclass(frozen=True, slots=True)
class Archive:
    """An unpacked wheel in the store.

    File n is ``folder/files/n``: its name in the wheel is `names[n]`, its size `sizes[n]` bytes;
    it is executable if n is in `executable`. All files have the time `mtime`, in whole seconds,
    and the modes of `umask`. `record` contains the rows of the wheel's RECORD in order,
    `unlisted` the names missing in RECORD, `long_rows` the rows with more than three fields.
    `texts` are the bytes of its ``.dist-info`` files RECORD, WHEEL and entry_points.txt by name.
    `length` is the size of the wheel file in bytes. `bytecode` is the folder with its bytecode, if
    it is not in `folder`, which may be read-only. `known` is the bytecode that was read and checked
    in this run, and its key.
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
    bytecode: str = ""
    known: tuple[str, Bytecode] | None = None

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`.

        Raises KeyError if there is none, StaleArchives if the archive was removed, and OSError.
        """
        try:
            number = self.names.index(name)
        except ValueError:
            raise KeyError(name) from None
        try:
            return Path(self.folder, "files", str(number)).read_bytes()
        except FileNotFoundError:
            raise StaleArchives([self]) from None

    def mode(self, *, executable: bool) -> int:
        """Return the permissions of its files as they were when they were unpacked."""
        return 0o777 & ~self.umask | 0o111 if executable else 0o666 & ~self.umask

    def bytecode_folder(self, key: str) -> str:
        """Return the folder of the bytecode for the interpreter `key`: that of file n is ``n``."""
        return os.path.join(self.bytecode or os.path.join(self.folder, "pyc"), key)

    def compiled(self, key: str) -> Bytecode | None:
        """Return what is known of the bytecode for `key`; None if there is none."""
        if self.known is not None and self.known[0] == key:
            return self.known[1]
        try:
            with open(os.path.join(self.bytecode_folder(key), DONE), "rb") as file:
                modules, boot = unseal(file.read())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return Bytecode(modules, boot)

    def modules(self, key: str) -> Mapping[int, int] | None:
        """Return the sizes of the bytecode for `key`, by number; None if there is none."""
        known = self.compiled(key)
        return None if known is None else {number: size for number, size, _ in known.modules}


class StaleArchives(Exception):
    """Files of these archives were changed or removed, so the wheels must be unpacked again.

    For those in `bytecode` only modules must be compiled again. The environment is unchanged; the
    same plan can be applied again.
    """

    def __init__(self, archives: Sequence[Archive], bytecode: Sequence[Archive] = ()) -> None:
        super().__init__(*(archive.wheel for archive in (*archives, *bytecode)))
        self.archives = tuple(archives)
        self.bytecode = tuple(bytecode)


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
