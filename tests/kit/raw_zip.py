"""Write ZIP archives field by field, including those that contradict themselves."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.kit.wheels import nothing, record_row, wheel

_LOCAL = "version flags method time date crc packed size name_length extra_length"
_CENTRAL = "made version flags method time date crc packed size name_length extra_length"
_TEMPLATE = wheel("demo")
STORED, DEFLATED = 0, 8


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A member: `local` and `central` replace fields of its two headers, by name.

    `packed` replaces the compressed data; `body` is what the headers describe. `descriptor` are
    the CRC and sizes that follow the data, with the signature that APPNOTE 4.3.9.3 allows.
    `at` is the entry whose local header this one uses too, by its position.
    """

    name: bytes
    body: bytes = b""
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0o100644
    made: int = 3 << 8
    packed: bytes | None = None
    local: Any = field(default_factory=nothing)
    central: Any = field(default_factory=nothing)
    local_extra: bytes = b""
    central_extra: bytes = b""
    local_name: bytes | None = None
    descriptor: tuple[int, int, int] | None = None
    wide_descriptor: bool = False
    signed_descriptor: bool = True
    at: int | None = None
    gap: bytes = b""

    @property
    def data(self) -> bytes:
        """The compressed content."""
        if self.packed is not None:
            return self.packed
        if self.method != DEFLATED:
            return self.body
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.body) + packer.flush()

    def true_descriptor(self) -> tuple[int, int, int]:
        """Return the descriptor that tells the truth."""
        return zlib.crc32(self.body), len(self.data), len(self.body)


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of the archive; None is what is true."""

    before: bytes = b""
    after: bytes = b""
    between: bytes = b""
    comment: bytes = b""
    count: int | None = None
    count_on_disk: int | None = None
    length: int | None = None
    start: int | None = None
    disk: int = 0
    zip64: bool = False
    count64: int | None = None
    counted_twice: bool = False


def _local(entry: Entry) -> bytes:
    name = entry.name if entry.local_name is None else entry.local_name
    streamed = entry.descriptor is not None
    fields = dict(
        zip(_LOCAL.split(), (20, entry.flags, entry.method, 0, 0x5021, 0, 0, 0, 0, 0), strict=True)
    )
    if not streamed:
        fields |= {"crc": zlib.crc32(entry.body), "packed": len(entry.data)}
        fields |= {"size": len(entry.body)}
    fields |= {"name_length": len(name), "extra_length": len(entry.local_extra), **entry.local}
    head = struct.pack("<4s5H3L2H", b"PK\3\4", *fields.values())
    return head + name + entry.local_extra + entry.data + _descriptor(entry) + entry.gap


def _descriptor(entry: Entry) -> bytes:
    if entry.descriptor is None:
        return b""
    shape = "<LQQ" if entry.wide_descriptor else "<3L"
    mark = b"PK\7\x08" if entry.signed_descriptor else b""
    return mark + struct.pack(shape, *entry.descriptor)


def _central(entry: Entry, offset: int) -> bytes:
    fields = dict(
        zip(
            _CENTRAL.split(),
            (entry.made | 20, 20, entry.flags, entry.method, 0, 0x5021, 0, 0, 0, 0, 0),
            strict=True,
        )
    )
    fields |= {"crc": zlib.crc32(entry.body), "packed": len(entry.data), "size": len(entry.body)}
    fields |= {"name_length": len(entry.name), "extra_length": len(entry.central_extra)}
    rest = {"comment": 0, "disk": 0, "internal": 0, "external": entry.mode << 16, "offset": offset}
    values = {**fields, **rest, **entry.central}
    head = struct.pack("<4s6H3L5H2L", b"PK\1\2", *values.values())
    return head + entry.name + entry.central_extra


def raw_zip(entries: Sequence[Entry], end: End | None = None) -> bytes:
    """Return an archive; names of `entries` are bytes as they are written."""
    end = end or End()
    body, directory, offsets = end.before, b"", list[int]()
    for entry in entries:
        offsets.append(len(body) if entry.at is None else offsets[entry.at])
        if entry.at is None:
            body += _local(entry)
        directory += _central(entry, offsets[-1])
    body += end.between
    return body + directory + _end(end, len(entries), len(directory), len(body)) + end.after


def _end(end: End, count: int, length: int, start: int) -> bytes:
    stated = count if end.count is None else end.count
    on_disk = stated if end.count_on_disk is None else end.count_on_disk
    stated_length = length if end.length is None else end.length
    stated_start = start if end.start is None else end.start
    head = b""
    if end.zip64:
        count64 = count if end.count64 is None else end.count64
        head = struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count64, count64, stated_length, stated_start
        ) + struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
    tail = struct.pack(
        "<4s4H2LH",
        b"PK\5\6",
        *(end.disk, end.disk, on_disk, stated, stated_length, stated_start, len(end.comment)),
    )
    return head + tail + end.comment + (tail if end.counted_twice else b"")


def wheel_entries(*more: Entry, listed: bool = True) -> list[Entry]:
    """Return the entries of the honest wheel ``demo 1.0`` and `more`, all listed in RECORD."""
    bodies = {
        b"demo/__init__.py": b"VERSION = '1.0'\n",
        b"demo-1.0.dist-info/METADATA": _TEMPLATE.metadata,
        b"demo-1.0.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: kit (1)\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    entries = [Entry(name=name, body=body) for name, body in bodies.items()]
    entries += more
    rows = "".join(
        record_row(each.name.decode("utf-8", "replace"), each.body)
        for each in entries
        if listed and not each.name.endswith(b"/")
    )
    record = b"demo-1.0.dist-info/RECORD"
    return [*entries, Entry(name=record, body=(rows + f"{record.decode()},,\n").encode())]


def raw_wheel(*more: Entry, end: End | None = None, first: Any = None) -> bytes:
    """Return the wheel ``demo 1.0`` with `more` entries; `first` replaces fields of its first."""
    entries = wheel_entries(*more)
    if first is not None:
        entries[0] = replace(entries[0], **first)
    return raw_zip(entries, end)
