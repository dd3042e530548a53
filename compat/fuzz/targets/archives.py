"""Wheels and source archives."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from shutil import rmtree

from packaging.utils import NormalizedName

from compat.fuzz.target import Disagreement, Target
from compat.fuzz.targets.files import scratch, written
from pipfast.errors import InstallationError
from pipfast.fetch.unpack import unpack
from pipfast.fetch.wheel_metadata.wheel_file import read_document
from pipfast.store.workers import zip_reader
from pipfast.store.workers.zip_directory import BadWheelError
from tests.kit.hostile_wheels import WHEELS


def _wheel(data: bytes) -> None:
    """Read a wheel; the complete content, the pieces and zipfile have to agree."""
    with contextlib.suppress(InstallationError):
        read_document(io.BytesIO(data), NormalizedName("demo"), "demo.whl")
    try:
        zip_reader.check_folders(data)
        members = zip_reader.members(data)
        if sum(member.size for member in members) > 1 << 24:
            return
        ours = {each.name: zip_reader.content(each, data) for each in members}
        parts = {each.name: b"".join(zip_reader.pieces(each, data)) for each in members}
    except BadWheelError:
        return
    if ours != parts:
        raise Disagreement("content and pieces differ")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist() if name[-1:] != "/"}
    if ours != theirs:
        raise Disagreement(f"{sorted(ours)} != {sorted(theirs)}")


def _archive(name: str, data: bytes) -> None:
    """Unpack into an empty folder, and check that nothing appears beside it."""
    path = written(name, data)
    around = scratch() / "around"
    folder = around / "folder"
    rmtree(around, ignore_errors=True)
    around.mkdir()
    try:
        unpack(path, folder)
    except InstallationError:
        pass
    except OSError as error:
        if error.errno is None:
            raise
    if {each.name for each in around.iterdir()} - {"folder"}:
        raise Disagreement("something is outside the folder")
    for outside in _leaving(str(folder)):
        raise Disagreement(f"{outside} leads outside")


def _leaving(folder: str) -> Iterator[str]:
    root = os.path.join(os.path.realpath(folder), "")
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if not os.path.join(os.path.realpath(path), "").startswith(root):
                yield path


def _tar(data: bytes) -> None:
    _archive("demo-1.0.tar", data)


def _tgz(data: bytes) -> None:
    _archive("demo-1.0.tar.gz", data)


def _zip(data: bytes) -> None:
    _archive("demo-1.0.zip", data)


def _a_tar(mode: str, *members: tarfile.TarInfo, pax: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    shape = tarfile.GNU_FORMAT if pax is None else tarfile.PAX_FORMAT
    with tarfile.open(fileobj=buffer, mode=mode, format=shape, pax_headers=pax) as archive:  # type: ignore[call-overload]
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return buffer.getvalue().rstrip(b"\0") + bytes(1024) if mode == "w" else buffer.getvalue()


def _info(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, size, 0o755
    return info


_MEMBERS = (
    _info("demo-1.0/", tarfile.DIRTYPE),
    _info("demo-1.0/setup.py", size=30),
    _info("demo-1.0/link", tarfile.SYMTYPE, "setup.py"),
    _info("demo-1.0/hard", tarfile.LNKTYPE, "demo-1.0/setup.py"),
)
_NASTY = (
    _info("demo-1.0/a", tarfile.SYMTYPE, ".."),
    _info("demo-1.0/a/b", size=3),
    _info("demo-1.0/null", tarfile.CHRTYPE),
    _info("../out", size=3),
    _info("/abs", size=3),
    _info("demo-1.0/" + "x" * 150, size=1),
)


def _a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo-1.0/setup.py", "x" * 50)
        archive.writestr("demo-1.0/a/b.txt", "y")
    return buffer.getvalue()


_BLOCKS = (
    b"ustar\x0000",
    b"ustar  \0",
    b"../",
    b"/",
    b"0000755\0",
    b"\x80\0\0\0\0\0\0\xff",
    b"GNU.sparse.map",
)

TARGETS = (
    Target(
        "zip-wheel",
        _wheel,
        [case.content for name, case in WHEELS.items() if len(case.content) < 4000 and name],
        [
            *(b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08", b"\xff" * 4),
            *(
                b"\xff\xff",
                b"\1\0\x10\0",
                b"\x75\x70",
                b"demo-1.0.dist-info/METADATA",
                b"../",
                b"\0" * 4,
            ),
        ],
    ),
    Target(
        "tar",
        _tar,
        [
            _a_tar("w", *_MEMBERS),
            _a_tar("w", *_NASTY),
            _a_tar("w", *_MEMBERS, pax={"comment": "x", "GNU.sparse.major": "1"}),
        ],
        [*_BLOCKS, b"20 path=../x\n", b"size=99999999999", b"linkpath=/etc"],
    ),
    Target("tar-gz", _tgz, [_a_tar("w:gz", *_MEMBERS), _a_tar("w:gz", *_NASTY)], [b"\x1f\x8b\x08"]),
    Target("zip-sdist", _zip, [_a_zip()], [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"../", b"demo-1.0/"]),
)
