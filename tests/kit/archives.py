"""Build archives member by member, including hostile ones, with the same bytes in every run."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tests.kit.wheels import EPOCH, STAMP, encoded


class Kind(Enum):
    """The type of a member in a tar file."""

    FILE = tarfile.REGTYPE
    FOLDER = tarfile.DIRTYPE
    SYMBOLIC = tarfile.SYMTYPE
    HARD = tarfile.LNKTYPE
    DEVICE = tarfile.CHRTYPE
    PIPE = tarfile.FIFOTYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of an archive; `target` is the target of a link."""

    path: str
    body: str | bytes = b""
    mode: int = 0o644
    kind: Kind = Kind.FILE
    target: str = ""


def members(files: Mapping[str, str | bytes], root: str = "") -> tuple[Member, ...]:
    """Return plain files, all below `root`."""
    head = f"{root}/" if root else ""
    return tuple(Member(path=f"{head}{path}", body=body) for path, body in files.items())


def archive(suffix: str, content: Sequence[Member]) -> bytes:
    """Return an archive of the type that `suffix` names."""
    if suffix == ".zip":
        return _zip(content)
    body = _tar(content)
    match suffix:
        case ".tar":
            return body
        case ".tar.gz" | ".tgz":
            return gzip.compress(body, mtime=STAMP)
        case ".tar.bz2" | ".tbz":
            return bz2.compress(body)
        case ".tar.xz" | ".txz":
            return lzma.compress(body)
        case ".tar.lzma" | ".tlz" | ".tar.lz":
            return lzma.compress(body, format=lzma.FORMAT_ALONE)
        case _:
            raise ValueError(suffix)


def _tar(content: Sequence[Member]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for each in content:
            member = tarfile.TarInfo(each.path)
            body = encoded(each.body)
            member.type, member.mode, member.mtime = each.kind.value, each.mode, STAMP
            member.linkname = each.target
            member.size = len(body) if each.kind is Kind.FILE else 0
            tar.addfile(member, io.BytesIO(body) if member.size else None)
    return stream.getvalue()


def _zip(content: Sequence[Member]) -> bytes:
    """Return a ZIP file; links are stored as POSIX programs do, other types as plain files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
        for each in content:
            member = zipfile.ZipInfo(each.path, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            link = each.kind is Kind.SYMBOLIC
            member.external_attr = ((stat.S_IFLNK if link else stat.S_IFREG) | each.mode) << 16
            pack.writestr(member, each.target if link else each.body)
    return stream.getvalue()
