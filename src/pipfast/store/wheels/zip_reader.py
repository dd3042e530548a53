"""The files in a wheel, read in one pass over a mapped file.

Part of the worker: nothing but the standard library, nothing that Python 3.7 does not know.
zipfile would take three times as long for the directory and for the files alike.
Source: PKWARE's APPNOTE; what is refused, and how, is what Python's zipfile refuses.
"""

from __future__ import annotations

import mmap
import struct
import zlib

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_AT_ONCE = 1 << 25  # members above this size are inflated piece by piece: memory stays small


class BadWheelError(Exception):
    """The file is not a ZIP archive that can be read."""


class Member:
    """One file of a wheel as the central directory describes it (APPNOTE 4.3.12)."""

    __slots__ = ("crc", "executable", "method", "name", "offset", "packed", "size")

    def __init__(self, fields: tuple, name: str, wide: bytes) -> None:  # type: ignore[type-arg]
        if fields[5] & 1:
            raise BadWheelError("File %r is encrypted, password required for extraction" % name)  # noqa: UP031
        self.name = name
        self.method: int = fields[6]
        self.crc, self.packed, self.size = int(fields[9]), int(fields[10]), int(fields[11])
        self.offset = int(fields[18])
        mode = fields[17] >> 16
        self.executable = mode & 0o170000 == 0o100000 and mode & 0o111 != 0
        if 0xFFFFFFFF in (self.size, self.packed, self.offset):
            self._widen(wide)

    def _widen(self, extra: bytes) -> None:
        """Take the 64-bit sizes out of the extra field (APPNOTE 4.5.3)."""
        while len(extra) >= 4:
            kind, length = struct.unpack_from("<HH", extra)
            if kind == 1:
                values = iter(struct.unpack_from("<%dQ" % (length // 8), extra, 4))  # noqa: UP031
                for field in ("size", "packed", "offset"):
                    if getattr(self, field) == 0xFFFFFFFF:
                        setattr(self, field, next(values))
                return
            extra = extra[4 + length :]

    @property
    def price(self) -> int:
        """About how many nanoseconds it takes to unpack, and to compile if it is a module."""
        return 100_000 + self.size * (340 if self.name.endswith(".py") else 10)


def members(data: mmap.mmap) -> list[Member]:
    """The files of the ZIP archive `data` in its order; of two with one name the last.

    Directories are left out. Raises BadWheelError.
    """
    end = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - 65535))
    if end < 0 or end + _END.size > len(data):
        raise BadWheelError("File is not a zip file")
    _, _, _, _, count, length, start, _ = _END.unpack_from(data, end)
    directory = end - length
    if end >= _END64_LOCATOR.size and data[end - 20 : end - 16] == b"PK\6\7":
        place = end - _END64_LOCATOR.size - _END64.size
        fields = _END64.unpack_from(data, place)
        count, length, start = fields[7], fields[8], fields[9]
        directory = place - length
    shift = directory - start  # of an archive with something before it
    if directory < 0 or shift < 0:
        raise BadWheelError("Bad offset for central directory")
    found: dict[str, Member] = {}
    for _ in range(count):
        fields = _CENTRAL.unpack_from(data, directory)
        if fields[0] != b"PK\1\2":
            raise BadWheelError("Bad magic number for central directory")
        stop = directory + _CENTRAL.size + fields[12]
        raw = data[directory + _CENTRAL.size : stop]
        name = raw.decode("utf-8" if fields[5] & 0x800 else "cp437").partition("\0")[0]
        directory = stop + fields[13] + fields[14]
        if name.endswith("/"):
            continue
        member = Member(fields, name, data[stop : stop + fields[13]])
        member.offset += shift
        found[name] = member
    return list(found.values())


def start_of(member: Member, data: mmap.mmap) -> int:
    """Where the bytes of `member` begin in `data`."""
    if data[member.offset : member.offset + 4] != b"PK\3\4":
        raise BadWheelError("Bad magic number for file header")
    fields = _LOCAL.unpack_from(data, member.offset)
    start = member.offset + _LOCAL.size + int(fields[9]) + int(fields[10])
    if start + member.packed > len(data):
        raise BadWheelError("File is truncated: %r" % member.name)  # noqa: UP031
    return start


def is_large(member: Member) -> bool:
    """Whether `member` is better read by `pieces` than by `content`."""
    return member.method == _DEFLATED and member.size > _AT_ONCE


def content(member: Member, data: mmap.mmap, view: memoryview) -> bytes:
    """The bytes of `member`, whole and checked. Raises BadWheelError."""
    start = start_of(member, data)
    packed = view[start : start + member.packed]
    try:
        if member.method == _DEFLATED:
            raw = zlib.decompress(packed, -15, member.size or 1)
        elif member.method == _STORED:
            raw = bytes(packed)
        else:
            raw = _rarely_packed(member.name, data)
    except (zlib.error, OSError, EOFError) as error:
        raise BadWheelError("%s: %s" % (member.name, error))  # noqa: B904, UP031
    _check(member, len(raw), zlib.crc32(raw))
    return raw


def _check(member: Member, size: int, crc: int) -> None:
    if size != member.size or crc != member.crc:
        raise BadWheelError("Bad CRC-32 for file %r" % member.name)  # noqa: UP031


def _rarely_packed(name: str, data: mmap.mmap) -> bytes:
    """A member packed by bzip2 or LZMA: next to no wheel is, so the slow library may do it."""
    import io
    import zipfile

    try:
        return zipfile.ZipFile(io.BytesIO(data[:])).read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise BadWheelError(str(error))  # noqa: B904


def pieces(member: Member, data: mmap.mmap, view: memoryview):  # type: ignore[no-untyped-def]
    """The bytes of a large deflated `member`, a few megabytes at a time."""
    start = start_of(member, data)
    unpacker = zlib.decompressobj(-15)
    size = crc = 0
    try:
        for place in range(start, start + member.packed, 1 << 21):
            piece = view[place : min(place + (1 << 21), start + member.packed)]
            raw = unpacker.decompress(piece)
            size, crc = size + len(raw), zlib.crc32(raw, crc)
            yield raw
        raw = unpacker.flush()
    except zlib.error as error:
        raise BadWheelError("%s: %s" % (member.name, error))  # noqa: B904, UP031
    _check(member, size + len(raw), zlib.crc32(raw, crc))
    yield raw
