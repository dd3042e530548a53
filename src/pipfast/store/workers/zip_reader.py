"""Read the files of a wheel in one pass, each with one system call.

Used by workers, so it needs only the standard library of Python 3.7. zipfile would take three
times as long, for the directory as well as for the files.

A ZIP archive states most facts twice, and installers that believe different copies install
different files. This reader accepts an archive only if every copy says the same: it rejects what
Python's zipfile rejects, and what a reader from front to back could understand differently.
Source: PKWARE's APPNOTE 6.3.10.
"""

from __future__ import annotations

import os
import struct
import zlib

from pipfast.store.workers import zip_faults
from pipfast.store.workers.zip_directory import (
    BadWheelError,
    Member,
    check_names,
    directory_of,
    parsed_extra,
    wide_values,
)

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from pipfast.store.workers.zip_directory import Source

_LOCAL = struct.Struct("<4s5H3L2H")
_DEFLATED = 8
_DESCRIBED = 0x8  # flag: CRC and sizes follow the data

LARGE = 1 << 22
"""Members beyond this number of bytes are read in pieces to limit memory."""

_IN, _OUT = 1 << 16, 1 << 20  # bytes that are decompressed at once, and into how many at most
_LONGEST_HEADER = _LOCAL.size + 2 * 65535
_LONGEST_DESCRIPTOR = 24


class FileSource:
    """The bytes of an open file by their place; a slice reads them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        start, stop = max(0, place.start), min(place.stop, self._size)
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), max(0, stop - start), start)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))


def members(data: Source) -> list[Member]:
    """Return the files of the ZIP archive `data` in order; of equal files the last counts.

    Directories are omitted. Raises BadWheelError.
    """
    entries, end = directory_of(data)
    _set_limits(entries, end)
    return check_names(entries)


def check_folders(data: Source) -> None:
    """Check the directories of the archive, which have no content. Raises BadWheelError."""
    entries, end = directory_of(data)
    _set_limits(entries, end)
    for entry in entries:
        if entry.name.endswith("/"):
            if entry.size:
                raise BadWheelError(zip_faults.CONTENT, repr(entry.name))
            content(entry, data)


def _set_limits(entries: list[Member], end: int) -> None:
    """Tell each entry where the next one begins; the first one begins the archive."""
    ordered = sorted(entries, key=lambda entry: entry.offset)
    if (ordered[0].offset if ordered else end) != 0:
        raise BadWheelError(zip_faults.SURPLUS)
    for entry, following in zip(ordered, ordered[1:]):  # noqa: B905, RUF007 - Python 3.7
        if following.offset - entry.offset < _LOCAL.size + entry.packed:
            raise BadWheelError(zip_faults.OVERLAP, repr(entry.name))
        entry.limit = following.offset
    if ordered:
        ordered[-1].limit = end


def is_large(member: Member) -> bool:
    """Return whether `member` should be read with `pieces` instead of `content`."""
    return max(member.size, member.packed) > LARGE


def content(member: Member, data: Source) -> bytes:
    """Return the verified content of `member`, which is not large. Raises BadWheelError."""
    block = data[member.offset : min(member.limit, member.offset + _longest(member))]
    start, wide = _header(member, block)
    _check_rest(member, block[start + member.packed :], wide=wide)
    packed = memoryview(block)[start : start + member.packed]
    raw = _inflated(member, packed) if member.method == _DEFLATED else bytes(packed)
    _check(member, len(raw), zlib.crc32(raw))
    if member.twins:
        _check_twins(member, data)
    return raw


def _longest(member: Member) -> int:
    return _LONGEST_HEADER + member.packed + _LONGEST_DESCRIPTOR


def _header(member: Member, block: bytes) -> tuple[int, bool]:
    """Check the local header at the beginning of `block` against the directory.

    Return its length, and whether it has 64-bit sizes. Raises BadWheelError.
    """
    if block[:4] != b"PK\3\4" or len(block) < _LOCAL.size:
        raise BadWheelError(zip_faults.HEADER, repr(member.name))
    _, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(block)
    if block[_LOCAL.size : _LOCAL.size + names] != member.raw:
        raise BadWheelError(zip_faults.HEADER, repr(member.name))
    if flags & 0x61:
        raise BadWheelError(zip_faults.ENCRYPTED, repr(member.name))
    if method != member.method or (flags ^ member.flags) & _DESCRIBED:
        raise BadWheelError(zip_faults.HEADER, repr(member.name))
    start: int = _LOCAL.size + names + extras
    wide = False
    if extras:
        extra = parsed_extra(block[start - extras : start], member.raw)
        wide = 1 in extra
        if extra.get(1) != struct.pack("<QQ", size, packed):  # old versions of zipfile repeat them
            size, packed = wide_values(extra, (size, packed))
    told = (member.crc, member.packed, member.size)
    if (crc, packed, size) != told:
        _check_described((crc, packed, size), told, member)
    return start, wide


def _check_described(
    local: tuple[int, int, int], told: tuple[int, int, int], member: Member
) -> None:
    """Check the fields of a header: they may be zero if the values follow the data."""
    pairs = zip(local, told)  # noqa: B905 - Python 3.7
    if not member.flags & _DESCRIBED or any(here not in (0, there) for here, there in pairs):
        raise BadWheelError(zip_faults.HEADER, repr(member.name))


def _check_rest(member: Member, rest: bytes, *, wide: bool) -> None:
    """Check what is between the data of `member` and the next one: at most a data descriptor.

    Source: APPNOTE 4.3.9. Raises BadWheelError.
    """
    if not member.flags & _DESCRIBED:
        if rest:
            raise BadWheelError(zip_faults.SURPLUS, repr(member.name))
        return
    shape = "<LQQ" if wide else "<LLL"
    plain = struct.pack(shape, member.crc, member.packed, member.size)
    if rest not in (b"PK\7\x08" + plain, plain):
        raise BadWheelError(zip_faults.HEADER, repr(member.name))


def _inflated(member: Member, packed: memoryview) -> bytes:
    """Return at most one byte more than the size of `member`. Raises BadWheelError."""
    unpacker = zlib.decompressobj(-15)
    try:
        raw = unpacker.decompress(packed, member.size + 1)
    except zlib.error:
        raise BadWheelError(zip_faults.CONTENT, repr(member.name)) from None
    if len(raw) <= member.size:
        _check_end(member, at_end=unpacker.eof, surplus=unpacker.unused_data)
    return raw


def _check_end(member: Member, *, at_end: bool, surplus: bytes) -> None:
    """Check that the compressed data end with the content."""
    if not at_end:
        raise BadWheelError(zip_faults.CONTENT, repr(member.name))
    if surplus:
        raise BadWheelError(zip_faults.SURPLUS, repr(member.name))


def _check(member: Member, size: int, crc: int) -> None:
    if size > member.size:
        raise BadWheelError(zip_faults.LARGER, repr(member.name))
    if size != member.size or crc != member.crc:
        raise BadWheelError(zip_faults.CONTENT, repr(member.name))


def _check_twins(member: Member, data: Source) -> None:
    """Check that members of the same name have the same content, byte for byte."""
    for twin in member.twins:
        pairs = zip(_pieces(member, data), _pieces(twin, data))  # noqa: B905 - Python 3.7
        if any(mine != other for mine, other in pairs):
            raise BadWheelError(zip_faults.TWICE, repr(member.name))


def pieces(member: Member, data: Source) -> Iterator[bytes]:
    """Yield the verified content of `member`, a megabyte at a time.

    Nothing beyond its declared size is yielded. Raises BadWheelError.
    """
    if member.twins:
        _check_twins(member, data)
    return _pieces(member, data)


def _pieces(member: Member, data: Source) -> Iterator[bytes]:
    begin = member.offset
    head, wide = _header(member, data[begin : min(member.limit, begin + _LONGEST_HEADER)])
    start = begin + head
    stop = start + member.packed
    _check_rest(member, data[stop : min(member.limit, stop + _LONGEST_HEADER)], wide=wide)
    deflated = member.method == _DEFLATED
    parts = _parts(data, start, stop, _IN if deflated else _OUT)
    size = crc = 0
    for part in _inflated_parts(member, parts) if deflated else parts:
        size, crc = size + len(part), zlib.crc32(part, crc)
        if size > member.size:
            break
        yield part
    _check(member, size, crc)


def _parts(data: Source, start: int, stop: int, length: int) -> Iterator[bytes]:
    for place in range(start, stop, length):
        yield data[place : min(place + length, stop)]


def _inflated_parts(member: Member, packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-15)
    try:
        for piece in packed:
            if unpacker.eof:
                break
            part = unpacker.decompress(piece, _OUT)
            while part:
                yield part
                part = unpacker.decompress(unpacker.unconsumed_tail, _OUT)
    except zlib.error:
        raise BadWheelError(zip_faults.CONTENT, repr(member.name)) from None
    surplus = unpacker.unused_data or next(packed, b"")
    _check_end(member, at_end=unpacker.eof, surplus=surplus)
