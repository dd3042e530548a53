"""Wheels whose parts contradict one another, and what real installers do with them."""

from __future__ import annotations

import bz2
import struct
import zlib
from dataclasses import dataclass
from enum import Enum, auto

from tests.kit.raw_zip import STORED, End, Entry, raw_wheel

_X = Entry(name=b"demo/x.txt", body=b"hello\n" * 9)
_BODY = b"VERSION = '1.0'\n"
_CRC = zlib.crc32(_BODY)
_BOMB = bytes(1 << 20)


def _zip64(*sizes: int) -> bytes:
    return struct.pack(f"<HH{len(sizes)}Q", 1, 8 * len(sizes), *sizes)


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def _unfinished(body: bytes) -> bytes:
    """Return compressed data that contain everything, but not the mark of the end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)


def _with_bytes_in_directory(wheel: bytes, more: bytes) -> bytes:
    """Return the wheel with bytes behind the last entry of the directory, which it counts."""
    end = wheel.rindex(b"PK\5\6")
    length = int.from_bytes(wheel[end + 12 : end + 16], "little") + len(more)
    descriptor = wheel[end : end + 12] + struct.pack("<L", length) + wheel[end + 16 :]
    return wheel[:end] + more + descriptor


def _with_wrong_locator(wheel: bytes) -> bytes:
    """Return the wheel with a locator that names another place than that of the ZIP64 record."""
    place = wheel.rindex(b"PK\6\7") + 8
    return wheel[:place] + bytes(8) + wheel[place + 8 :]


def _unicode_path(name: bytes, wrong: bytes) -> bytes:
    return struct.pack("<HHBL", 0x7075, 5 + len(wrong), 1, zlib.crc32(name)) + wrong


class Verdict(Enum):
    """What pip 26.3 and uv 0.13.8 do; uv with a file by path, and with one that a server sends."""

    ALL_ACCEPT = auto()
    UV_REJECTS = auto()
    PIP_REJECTS = auto()
    PIP_CRASHES = auto()  # pip ends with a traceback, uv rejects it
    ALL_REJECT = auto()


@dataclass(frozen=True, slots=True)
class Case:
    """A wheel, and what is done with it."""

    content: bytes
    verdict: Verdict


_CONTENT = {
    "honest": raw_wheel(_X),
    "honest-stored": raw_wheel(Entry(name=b"demo/x.txt", body=b"x" * 99, method=STORED)),
    "honest-descriptor": raw_wheel(
        first={"flags": 8, "descriptor": (_CRC, len(_deflated(_BODY)), len(_BODY))}
    ),
    "honest-unsigned-descriptor": raw_wheel(
        first={
            "flags": 8,
            "signed_descriptor": False,
            "descriptor": (_CRC, len(_deflated(_BODY)), len(_BODY)),
        }
    ),
    "honest-comment": raw_wheel(end=End(comment=b"a comment")),
    "honest-folder": raw_wheel(Entry(name=b"demo/sub/", mode=0o40755)),
    "honest-zip64-extra": raw_wheel(
        first={
            "local_extra": _zip64(16, len(_deflated(_BODY))),
            "local": {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF},
        }
    ),
    "honest-zip64-end": raw_wheel(_X, end=End(zip64=True)),
    "honest-empty-file": raw_wheel(Entry(name=b"demo/py.typed", body=b"", method=STORED)),
    "honest-utf8": raw_wheel(Entry(name="demo/grüße.txt".encode(), body=b"x", flags=0x800)),
    "honest-unlisted": raw_wheel(),
    "local-name": raw_wheel(first={"local_name": b"demo/__evil__.py"}),
    "local-size": raw_wheel(first={"local": {"size": 17}}),
    "local-packed": raw_wheel(first={"local": {"packed": 3}}),
    "local-crc": raw_wheel(first={"local": {"crc": 1}}),
    "local-method": raw_wheel(first={"local": {"method": STORED}}),
    "local-flags-encrypted": raw_wheel(first={"local": {"flags": 1}}),
    "local-flags-utf8": raw_wheel(first={"local": {"flags": 0x800}}),
    "local-flags-descriptor": raw_wheel(first={"local": {"flags": 8}}),
    "central-flags-descriptor": raw_wheel(first={"central": {"flags": 8}}),
    "local-version": raw_wheel(first={"local": {"version": 63}}),
    "local-time": raw_wheel(first={"local": {"time": 77}}),
    "local-signature": raw_wheel(_X).replace(b"PK\3\4", b"PK\3\5", 1),
    "size-smaller": raw_wheel(Entry(name=b"demo/x.txt", body=bytes(10), packed=_deflated(_BOMB))),
    "size-larger": raw_wheel(
        Entry(name=b"demo/x.txt", body=bytes(1000), packed=_deflated(bytes(10)))
    ),
    "size-zero": raw_wheel(Entry(name=b"demo/x.txt", body=b"", packed=_deflated(bytes(10)))),
    "size-zero-crc-right": raw_wheel(
        Entry(
            name=b"demo/x.txt",
            body=b"",
            packed=_deflated(bytes(10)),
            local={"crc": zlib.crc32(bytes(10))},
            central={"crc": zlib.crc32(bytes(10))},
        )
    ),
    "packed-longer": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello", packed=_deflated(b"hello") + b"trailing")
    ),
    "packed-shorter": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello" * 9, packed=_deflated(b"hello" * 9)[:-2])
    ),
    "packed-without-end": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello", packed=_unfinished(b"hello"))
    ),
    "two-streams": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello", packed=_deflated(b"hello") + _deflated(b"world"))
    ),
    "stored-sizes-differ": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello world", packed=b"hello", method=STORED)
    ),
    "crc-wrong": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello", central={"crc": 7}, local={"crc": 7})
    ),
    "crc-zero": raw_wheel(
        Entry(name=b"demo/x.txt", body=b"hello", central={"crc": 0}, local={"crc": 0})
    ),
    "overlap-quoted": raw_wheel(Entry(name=b"demo/x.txt", body=b"hello", at=0)),
    "overlap-same": raw_wheel(Entry(name=b"demo/__init__.py", body=_BODY, at=0)),
    "overlap-inside": raw_wheel(
        Entry(
            name=b"demo/x.txt",
            body=bytes(64),
            central={"packed": 200, "size": 200},
            local={"packed": 200, "size": 200},
            method=STORED,
        )
    ),
    "gap-between": raw_wheel(first={"gap": b"garbage"}),
    "gap-before-directory": raw_wheel(end=End(between=b"garbage")),
    "hidden-local-entry": raw_wheel(first={"gap": raw_wheel(_X)[:60]}),
    "bytes-before": raw_wheel(_X, end=End(before=b"#!/bin/sh\n")),
    "bytes-after": raw_wheel(_X, end=End(after=b"trailing")),
    "newline-after": raw_wheel(_X, end=End(after=b"\n")),
    "zeros-after": raw_wheel(_X, end=End(after=bytes(512))),
    "two-ends": raw_wheel(_X, end=End(counted_twice=True)),
    "two-zips": raw_wheel() + raw_wheel(_X),
    "end-in-comment": raw_wheel(_X, end=End(comment=b"PK\5\6" + bytes(18))),
    "zip-in-comment": raw_wheel(
        _X, end=End(comment=raw_wheel(Entry(name=b"demo/y.txt", body=b"y")))
    ),
    "count-less": raw_wheel(_X, end=End(count=4)),
    "count-less-by-all": raw_wheel(_X, end=End(count=0)),
    "count-more": raw_wheel(_X, end=End(count=6)),
    "count-on-disk": raw_wheel(_X, end=End(count_on_disk=2)),
    "length-less": raw_wheel(_X, end=End(length=10)),
    "start-wrong": raw_wheel(_X, end=End(start=10)),
    "disk-number": raw_wheel(_X, end=End(disk=1)),
    "zip64-count": raw_wheel(_X, end=End(zip64=True, count64=4)),
    "zip64-both-counts": raw_wheel(_X, end=End(zip64=True, count64=4, count=4)),
    "zip64-counts-differ": raw_wheel(_X, end=End(zip64=True, count=0xFFFF)),
    "zip64-extra-needless": raw_wheel(
        first={
            "local_extra": _zip64(16, len(_deflated(_BODY))),
            "central_extra": _zip64(16, len(_deflated(_BODY))),
        }
    ),
    "zip64-extra-lies": raw_wheel(
        first={"local_extra": _zip64(99, 99), "local": {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}}
    ),
    "zip64-extra-needless-lies": raw_wheel(first={"local_extra": _zip64(99, 99)}),
    "zip64-central-needless-lies": raw_wheel(first={"central_extra": _zip64(99, 99)}),
    "zip64-extra-missing": raw_wheel(first={"central": {"size": 0xFFFFFFFF}}),
    "zip64-extra-short": raw_wheel(
        first={"central": {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF}, "central_extra": _zip64(16)}
    ),
    "zip64-extra-twice": raw_wheel(
        first={"central": {"size": 0xFFFFFFFF}, "central_extra": _zip64(16) + _zip64(16)}
    ),
    "zip64-huge": raw_wheel(
        first={"central": {"size": 0xFFFFFFFF}, "central_extra": _zip64(1 << 60)}
    ),
    "extra-cut": raw_wheel(first={"central_extra": b"\1\0\x20\0abc"}),
    "extra-local-cut": raw_wheel(first={"local_extra": b"\1\0\x20\0abc"}),
    "unicode-path": raw_wheel(
        first={"central_extra": _unicode_path(b"demo/__init__.py", b"demo/evil.py")}
    ),
    "unicode-path-both": raw_wheel(
        first={
            "central_extra": _unicode_path(b"demo/__init__.py", b"demo/evil.py"),
            "local_extra": _unicode_path(b"demo/__init__.py", b"demo/evil.py"),
        }
    ),
    "unicode-path-same": raw_wheel(
        first={
            "central_extra": _unicode_path(b"demo/__init__.py", b"demo/__init__.py"),
            "local_extra": _unicode_path(b"demo/__init__.py", b"demo/__init__.py"),
        }
    ),
    "duplicate": raw_wheel(Entry(name=b"demo/__init__.py", body=b"evil")),
    "duplicate-same": raw_wheel(Entry(name=b"demo/__init__.py", body=_BODY)),
    "duplicate-dot": raw_wheel(Entry(name=b"demo/./__init__.py", body=b"evil")),
    "duplicate-slash": raw_wheel(Entry(name=b"demo//__init__.py", body=b"evil")),
    "duplicate-case": raw_wheel(Entry(name=b"demo/__INIT__.py", body=b"evil")),
    "duplicate-metadata": raw_wheel(
        Entry(
            name=b"demo-1.0.dist-info/METADATA",
            body=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: evil\n",
        )
    ),
    "duplicate-folder": raw_wheel(
        Entry(name=b"demo/sub/", mode=0o40755), Entry(name=b"demo/sub/", mode=0o40755)
    ),
    "file-and-folder": raw_wheel(
        Entry(name=b"demo/sub", body=b"x"), Entry(name=b"demo/sub/", mode=0o40755)
    ),
    "file-below-file": raw_wheel(Entry(name=b"demo/__init__.py/x", body=b"x")),
    "folder-with-data": raw_wheel(Entry(name=b"demo/sub/", body=b"data", mode=0o40755)),
    "encrypted": raw_wheel(first={"flags": 1}),
    "encrypted-strong": raw_wheel(first={"flags": 0x41}),
    "patched-data": raw_wheel(first={"flags": 0x20}),
    "masked": raw_wheel(first={"flags": 0x2000}),
    "absolute": raw_wheel(Entry(name=b"/demo/x.txt", body=b"x")),
    "parent": raw_wheel(Entry(name=b"../x.txt", body=b"x")),
    "parent-within": raw_wheel(Entry(name=b"demo/../x.txt", body=b"x")),
    "backslash": raw_wheel(Entry(name=b"demo\\x.txt", body=b"x")),
    "backslash-parent": raw_wheel(Entry(name=b"..\\..\\x.txt", body=b"x")),
    "drive": raw_wheel(Entry(name=b"C:/x.txt", body=b"x")),
    "name-empty": raw_wheel(Entry(name=b"", body=b"x")),
    "name-dot": raw_wheel(Entry(name=b".", body=b"x")),
    "name-nul": raw_wheel(Entry(name=b"demo/x.txt\0.py", body=b"x")),
    "name-control": raw_wheel(Entry(name=b"demo/x\n.txt", body=b"x")),
    "name-not-utf8": raw_wheel(Entry(name=b"demo/\xff.txt", body=b"x", flags=0x800)),
    "name-cp437": raw_wheel(Entry(name=b"demo/\x81.txt", body=b"x")),
    "name-long": raw_wheel(Entry(name=b"demo/" + b"x" * 300, body=b"x")),
    "symlink": raw_wheel(Entry(name=b"demo/link", body=b"/etc/passwd", mode=0o120777)),
    "symlink-and-below": raw_wheel(
        Entry(name=b"demo/link", body=b"/tmp", mode=0o120777), Entry(name=b"demo/link/x", body=b"x")
    ),
    "device": raw_wheel(Entry(name=b"demo/null", body=b"", mode=0o020666)),
    "set-bits": raw_wheel(Entry(name=b"demo/run", body=b"x", mode=0o106755)),
    "descriptor-crc": raw_wheel(
        first={"flags": 8, "descriptor": (1, len(_deflated(_BODY)), len(_BODY))}
    ),
    "descriptor-size": raw_wheel(
        first={"flags": 8, "descriptor": (_CRC, len(_deflated(_BODY)), 99)}
    ),
    "descriptor-packed": raw_wheel(first={"flags": 8, "descriptor": (_CRC, 3, len(_BODY))}),
    "descriptor-wide": raw_wheel(
        first={
            "flags": 8,
            "wide_descriptor": True,
            "descriptor": (_CRC, len(_deflated(_BODY)), len(_BODY)),
        }
    ),
    "descriptor-missing": raw_wheel(
        first={"flags": 8, "local": {"crc": 0, "size": 0, "packed": 0}}
    ),
    "descriptor-local-sizes": raw_wheel(
        first={
            "flags": 8,
            "local": {"size": 99},
            "descriptor": (_CRC, len(_deflated(_BODY)), len(_BODY)),
        }
    ),
    "method-bzip2-claimed": raw_wheel(Entry(name=b"demo/x.txt", body=b"hello", method=12)),
    "method-bzip2": raw_wheel(
        Entry(
            name=b"demo/x.txt",
            body=b"hello",
            method=12,
            packed=bz2.compress(b"hello"),
        )
    ),
    "method-unknown": raw_wheel(Entry(name=b"demo/x.txt", body=b"hello", method=77)),
    "version-needed": raw_wheel(first={"central": {"version": 64}, "local": {"version": 64}}),
    "central-flags-encrypted": raw_wheel(first={"central": {"flags": 1}}),
    "directory-with-more": _with_bytes_in_directory(raw_wheel(_X), b"garbage"),
    "header-in-comment": raw_wheel(_X, end=End(comment=b"PK\3\4")),
    "zip64-narrow-count": raw_wheel(_X, end=End(zip64=True, count=4)),
    "zip64-locator": _with_wrong_locator(raw_wheel(_X, end=End(zip64=True))),
    "entry-disk": raw_wheel(first={"central": {"disk": 3}}),
    "cut": raw_wheel(_X)[:-10],
    "cut-half": raw_wheel(_X)[:200],
    "empty": b"",
    "empty-zip": b"PK\5\6" + bytes(18),
    # One writer in practice each, which uv supports for files, but not in streams.
    "honest-zip64-repeated": raw_wheel(first={"local_extra": _zip64(16, len(_deflated(_BODY)))}),
    "honest-descriptor-of-stored": raw_wheel(
        first={"flags": 8, "method": STORED, "descriptor": (_CRC, len(_BODY), len(_BODY))}
    ),
}

_VERDICTS = {
    Verdict.ALL_ACCEPT: """
        honest honest-stored honest-descriptor honest-unsigned-descriptor honest-comment
        honest-folder honest-zip64-extra honest-zip64-end honest-empty-file honest-utf8
        honest-unlisted local-flags-utf8 local-version local-time zeros-after disk-number
        zip64-counts-differ unicode-path-same duplicate-same duplicate-case duplicate-folder
        masked parent-within backslash backslash-parent drive symlink device set-bits
        entry-disk honest-zip64-repeated honest-descriptor-of-stored
    """,
    Verdict.UV_REJECTS: """
        local-size local-packed local-crc local-method local-flags-encrypted
        local-flags-descriptor central-flags-descriptor size-smaller size-zero
        size-zero-crc-right packed-longer two-streams overlap-same gap-between
        gap-before-directory hidden-local-entry bytes-before bytes-after newline-after
        two-zips zip-in-comment count-less count-less-by-all count-more count-on-disk
        zip64-count zip64-both-counts zip64-extra-needless zip64-extra-lies
        zip64-extra-needless-lies zip64-central-needless-lies zip64-extra-missing
        zip64-extra-twice zip64-huge extra-local-cut unicode-path unicode-path-both duplicate
        duplicate-dot duplicate-slash duplicate-metadata file-and-folder folder-with-data
        name-nul name-control name-cp437 descriptor-crc descriptor-size descriptor-packed
        descriptor-wide descriptor-missing descriptor-local-sizes method-bzip2
        packed-without-end header-in-comment zip64-narrow-count zip64-locator
    """,
    Verdict.PIP_REJECTS: """
        absolute parent
    """,
    Verdict.PIP_CRASHES: """
        local-name local-signature size-larger packed-shorter stored-sizes-differ crc-wrong
        crc-zero overlap-quoted overlap-inside encrypted encrypted-strong patched-data
        name-not-utf8 method-unknown version-needed central-flags-encrypted
    """,
    Verdict.ALL_REJECT: """
        two-ends end-in-comment length-less start-wrong zip64-extra-short extra-cut
        file-below-file name-empty name-dot name-long symlink-and-below method-bzip2-claimed
        cut cut-half empty empty-zip directory-with-more
    """,
}
"""`descriptor-local-sizes` is the only one that uv accepts: it ignores these fields.

`python -m compat.robust.hostile` compares them with the tools themselves.
"""

WHEELS = {
    name: Case(_CONTENT[name], verdict)
    for verdict, names in _VERDICTS.items()
    for name in names.split()
}

BEYOND_THE_ARCHIVE = frozenset(
    (
        *("file-below-file", "absolute", "parent", "name-empty", "name-dot", "name-long"),
        *("symlink-and-below", "empty-zip"),
    )
)
"""Cases that are rejected for their paths, when the files are placed, with pip's messages."""
