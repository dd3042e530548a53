"""Read the files of a wheel in one pass over a memory-mapped file.

Used by workers, so it needs only the standard library of Python 3.7. zipfile would take three
times as long, for the directory as well as for the files. Source: PKWARE's APPNOTE; it rejects
what Python's zipfile rejects.
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
_AT_ONCE = 1 << 25  # larger members are decompressed in pieces to limit memory


class BadWheelError(Exception):
    """The file is not a readable ZIP archive."""


class Member:
    """A file in a wheel as described by the central directory (APPNOTE 4.3.12)."""

    __slots__ = ("crc", "executable", "method", "name", "offset", "packed", "size")

    def __init__(self, fields: tuple, name: str, extra: bytes) -> None:  # type: ignore[type-arg]
        if fields[5] & 1:
            raise BadWheelError("File %r is encrypted, password required for extraction" % name)  # noqa: UP031
        self.name = name
        self.method: int = fields[6]
        self.crc, self.packed, self.size = int(fields[9]), int(fields[10]), int(fields[11])
        self.offset = int(fields[18])
        mode = fields[17] >> 16
        self.executable = mode & 0o170000 == 0o100000 and mode & 0o111 != 0
        if 0xFFFFFFFF in (self.size, self.packed, self.offset):
            self._read_zip64_sizes(extra)

    def _read_zip64_sizes(self, extra: bytes) -> None:
        """Set the 64-bit sizes from the extra field (APPNOTE 4.5.3)."""
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
    def cost(self) -> int:
        """Estimate the nanoseconds for unpacking, and for compiling if it is a module."""
        return 100_000 + self.size * (340 if self.name.endswith(".py") else 10)


def members(data: mmap.mmap) -> list[Member]:
    """Return the files of the ZIP archive `data` in order; the last of equal names counts.

    Directories are omitted. Raises BadWheelError.
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
    shift = directory - start  # of an archive with data in front of it
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
    """Return the offset of the data of `member`."""
    if data[member.offset : member.offset + 4] != b"PK\3\4":
        raise BadWheelError("Bad magic number for file header")
    fields = _LOCAL.unpack_from(data, member.offset)
    start = member.offset + _LOCAL.size + int(fields[9]) + int(fields[10])
    if start + member.packed > len(data):
        raise BadWheelError("Truncated file header")
    return start


def is_large(member: Member) -> bool:
    """Return whether `member` should be read with `pieces` instead of `content`."""
    return member.method == _DEFLATED and member.size > _AT_ONCE


def content(member: Member, data: mmap.mmap, view: memoryview) -> bytes:
    """Return the verified content of `member`. Raises BadWheelError."""
    start = start_of(member, data)
    packed = view[start : start + member.packed]
    try:
        if member.method == _DEFLATED:
            raw = zlib.decompress(packed, -15, member.size or 1)
        elif member.method == _STORED:
            raw = bytes(packed)
        else:
            raw = _read_with_zipfile(member.name, data)
    except (zlib.error, OSError, EOFError) as error:
        raise BadWheelError("%s: %s" % (member.name, error))  # noqa: B904, UP031
    _check(member, len(raw), zlib.crc32(raw))
    return raw


def _check(member: Member, size: int, crc: int) -> None:
    if size != member.size or crc != member.crc:
        raise BadWheelError("Bad CRC-32 for file %r" % member.name)  # noqa: UP031


def _read_with_zipfile(name: str, data: mmap.mmap) -> bytes:
    """Read a member compressed with bzip2 or LZMA, which is rare, with zipfile."""
    import io
    import zipfile

    try:
        return zipfile.ZipFile(io.BytesIO(data[:])).read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise BadWheelError(str(error))  # noqa: B904


def pieces(member: Member, data: mmap.mmap, view: memoryview):  # type: ignore[no-untyped-def]
    """Yield the content of a large deflated `member`, a few megabytes at a time."""
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
