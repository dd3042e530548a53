"""Limits on the disk space and memory that unpacking a source archive takes.

Without them, tarfile and zipfile read headers of any length into memory and keep an object for each
member.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from pipfast.errors import OwnInstallationError
from pipfast.model.input_limits import LimitExceeded, Unit

BOMB_SIZE = 1024**3
"""Archives that unpack to less than this many bytes are always accepted."""

BOMB_RATIO = 250
"""The maximum ratio of unpacked to packed size for archives beyond BOMB_SIZE."""

MEMBERS = 200_000
"""Members of an archive; the largest sdists have 30,000."""

HEADER_SIZE = 1 << 20
"""Bytes of the headers in front of one member of a tar file: pax records and long names."""

NAMES_SIZE = 32 << 20
"""Characters of all names and link targets of a tar file."""

SPARSE_PARTS = 10_000
"""Parts of all sparse files of a tar file."""

DICTIONARY_SIZE = 128 << 20
"""Bytes of memory for decompressing LZMA: ``xz -9`` needs half of it."""

_HEADERS = frozenset(
    (
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    )
)
_BLOCK = 512
_EXTENDED = 504  # the place of a flag in a block of a sparse file's map (GNU tar)
_PARTS_OF_BLOCK = 21


class Bomb(OwnInstallationError):
    """An archive unpacks to more than `size` bytes, and to more than `ratio` times its own size.

    pip unpacks such an archive until the disk is full.
    """

    def __init__(self, archive: str) -> None:
        super().__init__()
        self.archive = archive
        self.size = BOMB_SIZE
        self.ratio = BOMB_RATIO


class UnpackedSizes:
    """Counts unpacked bytes, and raises Bomb beyond the limit."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._limit = max(BOMB_SIZE, BOMB_RATIO * Path(archive).stat().st_size)
        self._sum = 0

    def add(self, size: int) -> None:
        """Add a number of bytes."""
        self._sum += size
        if self._sum > self._limit:
            raise Bomb(self._archive)


def check_count(members: int, archive: str) -> None:
    """Raise LimitExceeded for more than MEMBERS."""
    if members > MEMBERS:
        raise LimitExceeded(archive, MEMBERS, Unit.FILES)


def bounded_members(archive: str) -> type[tarfile.TarInfo]:
    """Return a subclass of TarInfo for the tar file `archive` that limits headers of members.

    It raises LimitExceeded, and ReadError for a negative size, which makes some releases of Python
    loop for ever (CVE-2025-8194).
    """
    ahead = names = parts = 0

    class Bounded(tarfile.TarInfo):
        """A member without the attributes that pipfast does not need."""

        __slots__ = ()

        def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
            nonlocal ahead, names, parts
            if self.size < 0:
                raise tarfile.ReadError(str(self.size))
            ahead = ahead + self.size if self.type in _HEADERS else 0
            if ahead > HEADER_SIZE:
                raise LimitExceeded(archive, HEADER_SIZE >> 20, Unit.HEADERS)
            member: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
            member.pax_headers = {}
            member.uname = member.gname = ""
            names += len(member.name) + len(member.linkname)
            if names > NAMES_SIZE:
                raise LimitExceeded(archive, NAMES_SIZE >> 20, Unit.NAMES)
            parts += len(getattr(member, "sparse", None) or ())
            self._check_parts(parts)
            return member

        def _proc_sparse(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
            place, extended = tar.fileobj.tell(), self._sparse_structs[1]  # type: ignore[union-attr, attr-defined]
            count = 0
            while extended:
                count += _PARTS_OF_BLOCK
                self._check_parts(count)
                block = tar.fileobj.read(_BLOCK)  # type: ignore[union-attr]
                extended = block[_EXTENDED : _EXTENDED + 1] not in (b"", b"\0")
            tar.fileobj.seek(place)  # type: ignore[union-attr]
            member: tarfile.TarInfo = super()._proc_sparse(tar)  # type: ignore[misc]
            return member

        def _proc_gnusparse_10(self, member: tarfile.TarInfo, *rest: object) -> None:
            tar = rest[-1]
            assert isinstance(tar, tarfile.TarFile)
            place = tar.fileobj.tell()  # type: ignore[union-attr]
            count = tar.fileobj.read(_BLOCK).partition(b"\n")[0]  # type: ignore[union-attr]
            tar.fileobj.seek(place)  # type: ignore[union-attr]
            self._check_parts(int(count) if len(count) < len(str(SPARSE_PARTS)) + 2 else 1 << 60)
            super()._proc_gnusparse_10(member, *rest)  # type: ignore[misc]

        def _check_parts(self, count: int) -> None:
            if count > SPARSE_PARTS:
                raise LimitExceeded(archive, SPARSE_PARTS, Unit.PARTS)

    return Bounded
