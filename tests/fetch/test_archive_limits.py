"""Each limit on source archives, at the limit and one beyond."""

from __future__ import annotations

import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipfast.fetch.unpack import BrokenArchive, unpack
from pipfast.model.input_limits import LimitExceeded, Unit

BEYOND = pytest.mark.parametrize("beyond", [0, 1])
MEMBER = "p/a.py"


def member(name: str = MEMBER, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def pax(*fields: bytes, size: int = 0) -> bytes:
    """Return a pax header with these fields, filled up to `size` bytes with a comment."""
    records = b"".join(b"%d %b\n" % (len(field) + 4, field) for field in fields)
    if size:
        rest = size - len(records)
        records += b"%d comment=" % rest + b"x" * (rest - len(b"%d comment=" % rest) - 1) + b"\n"
    return member("p/pax", tarfile.XHDTYPE, len(records)) + padded(records)


def tar(*parts: bytes) -> bytes:
    return b"".join((*parts, bytes(1024)))


def check(folder: Path, content: bytes, unit: Unit | None, name: str = "p-1.tar") -> None:
    """Unpack an archive, which has more of `unit` than is allowed, or None for an honest one."""
    archive = folder / name
    archive.write_bytes(content)
    if unit is None:
        unpack(archive, folder / "out")
        return
    with pytest.raises(LimitExceeded) as caught:
        unpack(archive, folder / "out")
    assert (caught.value.unit, caught.value.source) == (unit, os.path.realpath(archive))


@BEYOND
@pytest.mark.parametrize("suffix", [".tar", ".zip"])
def test_members(tmp_path: Path, suffix: str, beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.MEMBERS", 4 - beyond)
    names = [f"p/{number}" for number in range(4)]
    content = tar(*map(member, names))
    if suffix == ".zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in names:
                archive.writestr(name, "")
        content = buffer.getvalue()
    check(tmp_path, content, Unit.FILES if beyond else None, f"p-1{suffix}")


@BEYOND
@pytest.mark.parametrize("kind", ["pax", "name", "chain"])
def test_headers_in_front_of_a_member(
    tmp_path: Path, kind: str, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.HEADER_SIZE", 600)
    size = 600 + beyond
    headers = {
        "pax": pax(size=size),
        "chain": pax(size=300) + pax(size=size - 300),
        "name": member("x", tarfile.GNUTYPE_LONGNAME, size)
        + padded(b"p/" + b"/" * (size - 4) + b"a\0"),
    }
    content = tar(headers[kind] + member(), headers[kind] + member("p/b"))
    check(tmp_path, content, Unit.HEADERS if beyond else None)


@BEYOND
def test_names(tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.NAMES_SIZE", 3 * len(MEMBER) - beyond)
    content = tar(member(), member(), member())
    check(tmp_path, content, Unit.NAMES if beyond else None)


def gnu_sparse(blocks: int) -> bytes:
    """Return a GNU sparse member whose map has 4 + 21 `blocks` parts, all empty."""
    part = (b"%011o\0" % 0) * 2
    head = bytearray(member("p/s", tarfile.GNUTYPE_SPARSE))
    head[386:482] = part * 4
    head[482], head[483:495] = int(blocks > 0), b"%011o\0" % 0
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    more = b"".join(part * 21 + bytes((int(n < blocks - 1),)) + bytes(7) for n in range(blocks))
    return bytes(head) + more


@BEYOND
def test_sparse_files_of_gnu_tar(
    tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.SPARSE_PARTS", 42)
    content = tar(gnu_sparse(2 + beyond))
    check(tmp_path, content, Unit.PARTS if beyond else None)


@BEYOND
def test_sparse_files_in_pax_headers(
    tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.archive_limits.SPARSE_PARTS", 3)
    header = pax(b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=p/s")
    numbers = padded(b"\n".join([b"%d" % (3 + beyond), *[b"0"] * (2 * (3 + beyond))]) + b"\n")
    content = tar(header, member("p/x", size=len(numbers)), numbers)
    check(tmp_path, content, Unit.PARTS if beyond else None)


def test_the_number_of_parts_is_checked_before_they_are_read(tmp_path: Path) -> None:
    header = pax(b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=p/s")
    content = tar(header, member("p/x", size=512), padded(b"99999999\n0\n"))
    check(tmp_path, content, Unit.PARTS)


@BEYOND
def test_the_directory_of_a_zip_file(
    tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MEMBER, "")
    size = 46 + len(MEMBER)
    monkeypatch.setattr("pipfast.store.wheels.bounded_reads.DIRECTORY_SIZE", size - beyond)
    check(tmp_path, buffer.getvalue(), Unit.DIRECTORY if beyond else None, "p-1.zip")


@BEYOND
@pytest.mark.parametrize("name", ["p-1.tar.xz", "p-1.tar.lzma", "p-1"])
def test_the_dictionary_of_lzma(
    tmp_path: Path, name: str, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.fetch.decompress.DICTIONARY_SIZE", 2 << 20)
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": (1 << 20) * (1 + 3 * beyond)}]
    content = lzma.compress(tar(member()), filters=filters)
    check(tmp_path, content, Unit.DICTIONARY if beyond else None, name)


@BEYOND
@pytest.mark.parametrize("name", ["p-1.tar", "p-1.tar.lzma", "p-1"])
def test_the_dictionary_of_lzma_without_a_mark(
    tmp_path: Path, name: str, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tarfile tries every compression for a file whose name does not tell."""
    monkeypatch.setattr("pipfast.fetch.decompress.DICTIONARY_SIZE", 2 << 20)
    size = (1 << 20) * (1 + 3 * beyond)
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": 0, "lp": 1, "pb": 0}]
    content = lzma.compress(tar(member()), lzma.FORMAT_ALONE, filters=filters)
    assert content[0] != 0x5D
    check(tmp_path, content, Unit.DICTIONARY if beyond else None, name)


@BEYOND
def test_lzma_in_a_zip_file(tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.fetch.unpack.DICTIONARY_SIZE", 10)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(MEMBER, "x" * (10 + beyond))
    check(tmp_path, buffer.getvalue(), Unit.DICTIONARY if beyond else None, "p-1.zip")


def test_several_streams_of_xz_and_padding_are_read(tmp_path: Path) -> None:
    whole = tar(member(size=3), padded(b"x=1"))
    content = lzma.compress(whole[:700]) + bytes(8) + lzma.compress(whole[700:])
    check(tmp_path, content, None, "p-1.tar.xz")
    assert (tmp_path / "out/a.py").read_bytes() == b"x=1"


@pytest.mark.parametrize("size", [-1, -512, -1536])
@pytest.mark.parametrize("place", ["header", "pax"])
def test_a_negative_size_is_an_error(tmp_path: Path, place: str, size: int) -> None:
    head = bytearray(member())
    head[124:136] = size.to_bytes(12, "big", signed=True)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    content = bytes(head) if place == "header" else pax(b"size=%d" % size) + member()
    (tmp_path / "p-1.tar").write_bytes(tar(member("p/a"), content))
    with pytest.raises(BrokenArchive):
        unpack(tmp_path / "p-1.tar", tmp_path / "out")


def test_many_headers_in_a_row_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "p-1.tar").write_bytes(tar(pax(b"a=b") * 3000, member()))
    with pytest.raises(BrokenArchive):
        unpack(tmp_path / "p-1.tar", tmp_path / "out")
