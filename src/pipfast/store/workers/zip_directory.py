"""Read the central directory of a ZIP archive, and reject one that can be read differently.

Used by workers, so it needs only the standard library of Python 3.7. Source: PKWARE's APPNOTE
6.3.10.
"""

from __future__ import annotations

import struct

from pipfast.store.workers import zip_faults
from pipfast.store.workers.wheel_limits import DIRECTORY_SIZE, MEMBERS

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from typing import Protocol

    class Source(Protocol):
        """The bytes of an archive: a memory map, or a file on a server."""

        def __len__(self) -> int: ...
        def __getitem__(self, place: slice) -> bytes: ...


_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LONGEST_COMMENT = 65535
_SIGNATURES = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7")
_METHODS = frozenset((0, 8))  # stored, deflated
_NEWEST = 63  # the version of the format that zipfile supports
_ZIP64, _UNICODE_PATH = 1, 0x7075  # extra fields (APPNOTE 4.5.3, 4.6.9)
_CONTROLS = frozenset(map(chr, (*range(32), *range(127, 160), 0xFFFD)))


class BadWheelError(Exception):
    """The file is not a ZIP archive that every reader understands alike.

    `fault` is one of the names in `zip_faults`, `member` the file that has it, or empty.
    """

    def __init__(self, fault: str, member: str = "") -> None:
        super().__init__(fault, member)
        self.fault = fault
        self.member = member


class Member:
    """A file in a wheel as described by the central directory (APPNOTE 4.3.12).

    `raw` is its name as written, `limit` the offset of what follows it. `twins` are earlier
    members of the same name.
    """

    __slots__ = (
        *("crc", "executable", "flags", "limit", "method"),
        *("name", "offset", "packed", "raw", "size", "twins"),
    )

    def __init__(self, fields: tuple[int, ...], raw: bytes, extra: bytes) -> None:
        self.raw = raw
        self.name = _decoded(raw, fields[5])
        self.flags, self.method, self.crc = fields[5], fields[6], fields[9]
        self.packed, self.size, self.offset = fields[10], fields[11], fields[18]
        mode = fields[17] >> 16
        self.executable = mode & 0o170000 == 0o100000 and mode & 0o111 != 0
        self.limit = 0
        self.twins: tuple[Member, ...] = ()
        if extra:
            known = parsed_extra(extra, raw)
            self.size, self.packed, self.offset = wide_values(
                known, (self.size, self.packed, self.offset)
            )
        elif 0xFFFFFFFF in (self.size, self.packed, self.offset):
            raise BadWheelError(zip_faults.EXTRA_FIELD)

    @property
    def cost(self) -> int:
        """Estimate the nanoseconds for unpacking, and for compiling if it is a module."""
        return 100_000 + self.size * (340 if self.name.endswith(".py") else 10)


def _decoded(raw: bytes, flags: int) -> str:
    """Return a member's name as zipfile does. Raises BadWheelError if other readers differ."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadWheelError(zip_faults.NAME, repr(raw)) from None
    if not (text.isprintable() and "\ufffd" not in text) and not _CONTROLS.isdisjoint(text):
        raise BadWheelError(zip_faults.NAME, repr(text))
    return text if flags & 0x800 or text.isascii() else raw.decode("cp437")


def parsed_extra(extra: bytes, name: bytes) -> dict[int, bytes]:
    """Return the extra fields by kind.

    Raises BadWheelError for incomplete and repeated ones, and for one with another name.
    """
    found: dict[int, bytes] = {}
    place = 0
    while place < len(extra):
        if place + 4 > len(extra):
            raise BadWheelError(zip_faults.EXTRA_FIELD)
        kind, length = struct.unpack_from("<HH", extra, place)
        value = extra[place + 4 : place + 4 + length]
        if len(value) < length or (kind in found and kind in (_ZIP64, _UNICODE_PATH)):
            raise BadWheelError(zip_faults.EXTRA_FIELD)
        found[kind] = value
        place += 4 + length
    path = found.get(_UNICODE_PATH)
    if path is not None and path[5:] != name:
        raise BadWheelError(zip_faults.NAME, repr(name))
    return found


def wide_values(extra: dict[int, bytes], values: tuple[int, ...]) -> tuple[int, ...]:
    """Return sizes and offsets, from the ZIP64 field those that do not fit (APPNOTE 4.5.3)."""
    missing = sum(value == 0xFFFFFFFF for value in values)
    field = extra.get(_ZIP64, b"")
    if len(field) != 8 * missing:
        raise BadWheelError(zip_faults.EXTRA_FIELD)
    wide = iter(struct.unpack("<" + "Q" * missing, field))
    return tuple(next(wide) if value == 0xFFFFFFFF else value for value in values)


def directory_of(data: Source) -> tuple[list[Member], int]:
    """Return the entries of the archive's directory, and where it begins. Raises BadWheelError."""
    count, length, start, end = _end_of(data)
    if start + length != end:
        raise BadWheelError(zip_faults.DIRECTORY)
    if count > MEMBERS or length > DIRECTORY_SIZE:
        raise BadWheelError(zip_faults.TOO_MANY_MEMBERS)
    directory = data[start:end]
    entries, place = [], 0
    for _ in range(count):
        if place + _CENTRAL.size > length:
            raise BadWheelError(zip_faults.DIRECTORY)
        fields = _CENTRAL.unpack_from(directory, place)
        if fields[0] != b"PK\1\2":
            raise BadWheelError(zip_faults.DIRECTORY)
        stop = place + _CENTRAL.size + fields[12]
        raw = directory[place + _CENTRAL.size : stop]
        _check_fields(fields, raw)
        entries.append(Member(fields, raw, directory[stop : stop + fields[13]]))
        place = stop + fields[13] + fields[14]
    if place != length:
        raise BadWheelError(zip_faults.DIRECTORY)
    return entries, start


def _check_fields(fields: tuple[int, ...], name: bytes) -> None:
    if fields[5] & 0x61:
        raise BadWheelError(zip_faults.ENCRYPTED, repr(name))
    if fields[3] > _NEWEST:
        raise BadWheelError(zip_faults.METHOD, repr(name))
    if fields[6] not in _METHODS:
        raise BadWheelError(zip_faults.METHOD, repr(name))
    if not fields[6] and fields[10] != fields[11]:
        raise BadWheelError(zip_faults.CONTENT, repr(name))


def _end_of(data: Source) -> tuple[int, int, int, int]:
    """Return the number of entries, the length and offset of the directory, and its end."""
    size = len(data)
    from_ = max(0, size - _END.size)
    tail = data[from_:size]
    if tail[:4] != b"PK\5\6" or tail[-2:] != b"\0\0":  # there is a comment
        from_ = max(0, size - _END.size - _LONGEST_COMMENT)
        tail = data[from_:size]
    found = tail.rfind(b"PK\5\6")
    if found < 0 or found + _END.size > len(tail):
        raise BadWheelError(zip_faults.NO_ARCHIVE)
    _, _, _, on_disk, count, length, start, commented = _END.unpack_from(tail, found)
    comment = tail[found + _END.size : found + _END.size + commented]
    rest = tail[found + _END.size + commented :]
    if len(comment) < commented or rest.strip(b"\0"):
        raise BadWheelError(zip_faults.SURPLUS)
    if any(mark in comment for mark in _SIGNATURES):
        raise BadWheelError(zip_faults.SURPLUS)
    if on_disk != count:
        raise BadWheelError(zip_faults.DIRECTORY)
    end = from_ + found
    if end >= _END64_LOCATOR.size + _END64.size:
        place = end - _END64_LOCATOR.size
        locator = data[place:end]
        if locator[:4] == b"PK\6\7":
            return _end64_of(data, place - _END64.size, locator, (count, length, start))
    return count, length, start, end


def _end64_of(
    data: Source, place: int, locator: bytes, told: tuple[int, int, int]
) -> tuple[int, int, int, int]:
    """Return the same from the ZIP64 record at `place`, which must agree with `told`."""
    _, disk, offset, disks = _END64_LOCATOR.unpack(locator)
    fields = _END64.unpack(data[place : place + _END64.size])
    if fields[0] != b"PK\6\6" or offset != place or fields[1] != _END64.size - 12:
        raise BadWheelError(zip_faults.DIRECTORY)
    on_disk, count, length, start = fields[6:]
    if disk or disks > 1 or on_disk != count:
        raise BadWheelError(zip_faults.DIRECTORY)
    for narrow, wide, bound in zip(told, (count, length, start), (0xFFFF, *[0xFFFFFFFF] * 2)):  # noqa: B905
        if narrow not in (wide, bound):
            raise BadWheelError(zip_faults.DIRECTORY)
    return count, length, start, place


def check_names(entries: list[Member]) -> list[Member]:
    """Return the files of `entries`, each name once. Raises BadWheelError for ambiguous names."""
    found: dict[str, Member] = {}
    unusual: dict[str, str] = {}
    folders = set()
    for entry in entries:
        name = entry.name
        if name.endswith("/"):
            folders.add(name.rstrip("/"))
            continue
        previous = found.get(name)
        if previous is not None:
            _check_equal(previous, entry)
            entry.twins = (*previous.twins, previous)
        found[name] = entry
        if "/." in name or "//" in name or name[:1] == ".":
            plain = _normalised(name)
            if unusual.setdefault(plain, name) != name:
                raise BadWheelError(zip_faults.TWICE, repr(plain))
    for plain, name in unusual.items():
        if plain != name and plain in found:
            raise BadWheelError(zip_faults.TWICE, repr(plain))
    clash = folders.intersection(found)
    if clash:
        raise BadWheelError(zip_faults.TWICE, repr(min(clash)))
    return list(found.values())


def _check_equal(first: Member, second: Member) -> None:
    if (first.crc, first.size, first.packed) != (second.crc, second.size, second.packed):
        raise BadWheelError(zip_faults.TWICE, repr(first.name))


def _normalised(name: str) -> str:
    """Return a path without empty parts and single dots."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))
