"""Inputs that become much larger when they are read, as files and as responses of a server.

`python -m compat.robust.bombs [NAME …]` runs pipfast on each and prints the peak memory.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.raw_zip import Entry, raw_wheel, raw_zip, wheel_entries
from tests.kit.site import Question, Reply, serving

MIB = 1 << 20
HUGE = 320 * MIB
LIMIT = 300
"""MiB that the command and each of its processes may take."""

_MEASURED = """
import json, resource, subprocess, sys
run = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([run.returncode, peak >> 10, run.stdout + run.stderr]))
"""
_INFO = b"demo-1.0.dist-info/"
_WHEEL = "demo-1.0-py3-none-any.whl"
_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "text/html"


@dataclass(frozen=True)
class Bomb:
    """An oversized input, and the expected result of a command that reads it.

    - `argv`: the arguments, in which ``{folder}`` and ``{base}`` are replaced
    - `code` and `says`: the exit code, and a part of the output
    - `files` and `sparse`: files in the folder; sparse ones are a size and the last bytes
    - `pages`: responses of the server by path
    """

    argv: str
    code: int = 1
    says: str = ""
    files: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)
    sparse: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    pages: Mapping[str, Callable[[], Reply]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """The result of a command: its exit code, peak memory of a process in MiB, and output."""

    code: int
    peak: int
    output: str


def measured(bomb: Bomb, folder: Path) -> Measured:
    """Run the command on a bomb in an empty folder."""
    for name, content in bomb.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content())
    for name, (size, end) in bomb.sparse.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)
            file.seek(0, os.SEEK_END)
            file.write(end)
    with serving() as server:
        for address, reply in bomb.pages.items():
            server.pages[address] = reply()
        words = bomb.argv.format(folder=folder, base=server.base).split()
        command = [sys.executable, "-c", _MEASURED, sys.executable, "-m", "pipfast", *words]
        environ = {name: value for name, value in os.environ.items() if name[:3] != "PIP"}
        environ |= {"PIP_CONFIG_FILE": os.devnull, "PIP_CACHE_DIR": str(folder / "cache")}
        environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RETRIES": "0"}
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    return Measured(*json.loads(run.stdout))


def _header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def _gz(*parts: tuple[bytes, int]) -> bytes:
    """Return repeated parts, compressed."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for part, times in parts:
            whole = part * max(1, MIB // len(part))
            count, rest = divmod(len(part) * times, len(whole))
            for _ in range(count):
                file.write(whole)
            file.write(whole[:rest])
    return packed.getvalue()


def _pax(size: int) -> bytes:
    """Return a pax header with one record of `size` bytes."""
    line = b"%d comment=" % size
    return _header("demo-1.0/x", tarfile.XHDTYPE, size) + line


def _sparse() -> bytes:
    """Return the header of a GNU sparse file whose map goes on."""
    block = bytearray(_header("demo-1.0/x", tarfile.GNUTYPE_SPARSE))
    block[482] = 1
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def _extended() -> bytes:
    return (b"%011o\0" % 1) * 42 + b"\1" + bytes(7)


def _lzma() -> bytes:
    """Return a tar file in LZMA whose dictionary has 4 GiB."""
    packer = lzma.LZMACompressor(lzma.FORMAT_ALONE, preset=0)
    parts = [packer.compress(_header("demo-1.0/x", size=HUGE))]
    parts += [packer.compress(os.urandom(16) + bytes(MIB - 16)) for _ in range(HUGE // MIB)]
    whole = b"".join([*parts, packer.flush()])
    return whole[:1] + b"\xff\xff\xff\xff" + whole[5:]


def _zip_end(size: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0)


def _json_page(*parts: tuple[bytes, int]) -> Callable[[], Reply]:
    return lambda: Reply(_gz(*parts), headers={"content-type": _JSON, "content-encoding": "gzip"})


def _html_page(*parts: tuple[bytes, int]) -> Callable[[], Reply]:
    return lambda: Reply(_gz(*parts), headers={"content-type": _HTML, "content-encoding": "gzip"})


def _wheel(name: bytes, body: bytes, packed: bytes | None = None) -> Callable[[], bytes]:
    """Return a wheel with this file, which replaces one of the same name."""

    def content() -> bytes:
        entries = [each for each in wheel_entries() if each.name != name]
        return raw_zip([*entries, Entry(name=name, body=body, packed=packed)])

    return content


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def _listing(**more: object) -> Callable[[], Reply]:
    files = [{"filename": _WHEEL, "url": f"/{_WHEEL}", "hashes": {}, **more}]
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": files}).encode()
    return lambda: Reply(body, headers={"content-type": _JSON})


def _large_wheel() -> Reply:
    """Return a handler for a wheel that answers range requests with far more than requested."""

    def answer(question: Question) -> Reply:
        whole = raw_wheel(Entry(name=b"demo/x.bin", body=os.urandom(MIB), method=0))
        if "range" not in question.headers:
            return Reply(whole)
        headers = {"content-range": f"bytes 0-{len(whole) - 1}/{len(whole)}"}
        return Reply(bytes(HUGE), status=206, headers=headers)

    return answer  # type: ignore[return-value]


_SDIST = "install --no-index --no-deps --target {folder}/out {folder}/demo-1.0."
_FOUND = "install --no-index --no-deps --target {folder}/out -f {folder}/ demo"
_INDEX = "install --no-deps --target {folder}/out -i {base}/simple demo"


def _sdist(says: str, *parts: tuple[bytes, int], code: int = 1) -> Bomb:
    return Bomb(
        _SDIST + "tar.gz", code, says, {"demo-1.0.tar.gz": lambda: _gz(*parts, (bytes(1024), 1))}
    )


def _from_index(says: str, page: Callable[[], Reply]) -> Bomb:
    return Bomb(_INDEX, 1, says, pages={"/simple/demo/": page})


def _many_members(count: int) -> Callable[[], bytes]:
    """Return a wheel with so many empty members, which all are the same one in the file."""

    def content() -> bytes:
        local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 16, 0)
        parts, directory = [], []
        for number in range(count):
            name = b"demo/%011d" % number
            fields = (0x314, 20, 0, 0, 0, 33, 0, 0, 0, 16, 0, 0, 0, 0, 0o644 << 16, 46 * number)
            directory.append(struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name)
            parts.append(local + name)
        start, listed = b"".join(parts), b"".join(directory)
        wide = struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), len(start)
        ) + struct.pack("<4sLQL", b"PK\6\7", 0, len(start) + len(listed), 1)
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(listed), len(start), 0)
        return start + listed + wide + end

    return content


_FILE = json.dumps(
    {
        "core-metadata": {"sha256": "a" * 64}, "data-dist-info-metadata": {"sha256": "a" * 64},
        "filename": "demo-1.0.dev20260101000000-cp311-cp311-manylinux_2_17_x86_64.whl",
        "hashes": {"sha256": "b" * 64}, "provenance": None, "requires-python": ">=3.8",
        "size": 12345678, "upload-time": "2026-01-01T00:00:00.000000Z", "yanked": False,
        "url": "https://files.test/packages/aa/bb/" + "c" * 60 + "/demo-1.0.dev20260101000000-"
        "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    }
).encode()  # fmt: skip
_ANCHOR = (
    b'<a href="/whl/nightly/cu128/demo-1.0.dev20260101%2Bcu128-cp311-cp311-manylinux_2_28_x86.whl'
    b"#sha256=" + b"d" * 64 + b'" data-requires-python="&gt;=3.8" data-dist-info-metadata="sha256='
    + b"e" * 64 + b'">demo-1.0.dev20260101+cu128-cp311-cp311-manylinux_2_28_x86_64.whl</a><br/>\n'
)  # fmt: skip
_NO_PROJECT = "does not appear to be a Python project"
_FIELD = b"Requires-Dist: a\n"
BOMBS = {
    "sdist-members": _sdist("200000 files", (_header("demo-1.0/x"), 300_000)),
    "sdist-pax": _sdist("MiB of headers", (_pax(HUGE), 1), (b"x", HUGE)),
    "sdist-pax-chain": _sdist("MiB of headers", (_pax(512 << 10) + bytes((512 << 10) - 15), 500)),
    "sdist-long-name": _sdist(
        "MiB of headers", (_header("x", tarfile.GNUTYPE_LONGNAME, HUGE), 1), (b"x", HUGE)
    ),
    "sdist-sparse": _sdist("parts of sparse", (_sparse(), 1), (_extended(), 600_000)),
    "sdist-large-file": _sdist(_NO_PROJECT, (_header("demo-1.0/x", size=HUGE), 1), (b"\0", HUGE)),
    "sdist-claimed-size": _sdist("more than 1 GiB", (_header("demo-1.0/x", size=1 << 40), 1)),
    "sdist-lzma-dictionary": Bomb(
        _SDIST + "tar.lzma", 1, "MiB of dictionary", {"demo-1.0.tar.lzma": _lzma}
    ),
    "sdist-zip-directory": Bomb(
        _SDIST + "zip", 1, "8 MiB of directory", sparse={"demo-1.0.zip": (HUGE, _zip_end(HUGE))}
    ),
    "sdist-pyproject": _sdist(
        "more than 4 MiB",
        (_header("demo-1.0/pyproject.toml", size=64 * MIB) + b"a = [", 1),
        (b"[],", (64 * MIB - 5) // 3),
    ),
    "sdist-pyproject-values": _sdist(
        "values",
        (_header("demo-1.0/pyproject.toml", size=4 * MIB) + b"a = [", 1),
        (b"[],", (4 * MIB - 5) // 3),
    ),
    "wheel-record-lines": Bomb(
        _FOUND, 1, "RECORD more than", {_WHEEL: _wheel(_INFO + b"RECORD", b"a\n" * (4 * MIB))}
    ),
    "wheel-record-size": Bomb(
        _FOUND, 1, "('demo-1.0.dist-info/RECORD')",
        {_WHEEL: _wheel(_INFO + b"RECORD", b"a,,\n" * (5 * MIB))},
    ),
    "wheel-record-at-limit": Bomb(
        _FOUND, 0, "",
        {_WHEEL: _wheel(_INFO + b"RECORD", b"".join(b"%030d,,\n" % n for n in range(390_000)))},
    ),
    "wheel-metadata-size": Bomb(
        _FOUND, 1, "METADATA')", {_WHEEL: _wheel(_INFO + b"METADATA", _FIELD * (2 * MIB))}
    ),
    "wheel-metadata-fields": Bomb(
        _FOUND, 1, "METADATA')", {_WHEEL: _wheel(_INFO + b"METADATA", _FIELD * (MIB - 9))}
    ),
    "wheel-entry-points": Bomb(
        _FOUND, 1, "entry_points.txt')",
        {_WHEEL: _wheel(_INFO + b"entry_points.txt", b"[console_scripts]\n" + b"a=b:c\n" * MIB)},
    ),
    "wheel-member": Bomb(
        _FOUND, 0, "", {_WHEEL: _wheel(b"demo/x.bin", bytes(HUGE), _zeros(HUGE))}
    ),
    "wheel-directory": Bomb(_FOUND, 1, "more than 200000 files", {_WHEEL: _many_members(250_000)}),
    "wheel-directory-at-limit": Bomb(_FOUND, 1, "", {_WHEEL: _many_members(199_000)}),
    "page-json-honest": _from_index("", _json_page(
        (b'{"files": [', 1), (_FILE + b",", 40_000), (_FILE + b"]}", 1))),
    "page-html-honest": _from_index("", _html_page((_ANCHOR, 100_000))),
    "page-json-values": _from_index(
        "2000000 values", _json_page((b'{"files": [', 1), (b"[],", 20 * MIB), (b"0]}", 1))
    ),
    "page-json-files": _from_index(
        "250000 files",
        _json_page((b'{"files": [', 1), (b'{"url":"a"},', 300_000), (b'{"url":"a"}]}', 1)),
    ),
    "page-json-depth": _from_index("recursion", _json_page((b"[", MIB))),
    "page-html-links": _from_index("250000 files", _html_page((b"<a href=x>", 6 * MIB))),
    "page-html-attributes": _from_index("128 KiB", _html_page((b"<a ", 1), (b"b ", 30 * MIB))),
    "page-html-script": _from_index(
        "2048 KiB", _html_page((b"<script>", 1), (b"b ", 30 * MIB))
    ),
    "page-html-comment": _from_index("2048 KiB", _html_page((b"<!--", 1), (b"b ", 30 * MIB))),
    "page-size": _from_index("64 MiB", _html_page((b"x", HUGE))),
    "page-local": Bomb(
        "install --no-index -f {folder}/links.html demo --target {folder}/out", 1, "64 MiB",
        sparse={"links.html": (HUGE, b"")},
    ),
    "page-local-links": Bomb(
        "install --no-index -f {folder}/links.html demo --target {folder}/out", 1, "250000 files",
        files={"links.html": lambda: b"<a href=x>" * (6 * MIB)},
    ),
    "sidecar-fields": Bomb(
        _INDEX, 1, "100000 lines",
        pages={
            "/simple/demo/": _listing(**{"core-metadata": True}),
            f"/{_WHEEL}.metadata": lambda: Reply(b"a:\n" * (5 * MIB)),
        },
    ),
    "sidecar-size": Bomb(
        _INDEX, 1, "16 MiB",
        pages={
            "/simple/demo/": _listing(**{"core-metadata": True}),
            f"/{_WHEEL}.metadata": lambda: Reply(bytes(HUGE)),
        },
    ),
    "redirect-body": Bomb(
        _INDEX, 1, "",
        pages={
            "/simple/demo/": lambda: Reply(bytes(HUGE), 302, {"location": "/elsewhere"}),
        },
    ),
    "challenge-body": Bomb(
        _INDEX + " --no-input", 1, "",
        pages={
            "/simple/demo/": lambda: Reply(bytes(HUGE), 401, {"www-authenticate": "Basic realm=x"}),
        },
    ),
    "range-body": Bomb(
        _INDEX, 0, "",
        pages={"/simple/demo/": _listing(size=2 * MIB), f"/{_WHEEL}": _large_wheel},
    ),
    "headers": Bomb(
        _INDEX, 1, "",
        pages={
            "/simple/demo/": lambda: Reply(b"", headers={f"x-{n}": "y" * 1000 for n in range(900)}),
        },
    ),
    "requirements-lines": Bomb(
        "install -r {folder}/r.txt --no-index", 1, "200000 lines",
        {"r.txt": lambda: b"ab\n" * (5 * MIB)},
    ),
    "requirements-size": Bomb(
        "install -r {folder}/r.txt --no-index", 1, "16 MiB", sparse={"r.txt": (HUGE, b"")}
    ),
    "requirements-remote": Bomb(
        "install -r {base}/r.txt --no-index", 1, "200000 lines",
        pages={"/r.txt": lambda: Reply(b"ab\n" * (5 * MIB))},
    ),
    "pylock-values": Bomb(
        "install -r {folder}/pylock.toml --no-index", 1, "1000000 values",
        {"pylock.toml": lambda: b"a = [" + b"[]," * (5 * MIB)},
    ),
    "pylock-size": Bomb(
        "install -r {folder}/pylock.toml --no-index", 1, "16 MiB",
        sparse={"pylock.toml": (HUGE, b"")},
    ),
    "direct-url": Bomb(
        "list --path {folder}/site", 0, "demo",
        sparse={"site/demo-1.0.dist-info/direct_url.json": (HUGE, b"")},
    ),
}  # fmt: skip


def is_expected(bomb: Bomb, ran: Measured) -> bool:
    """Return whether exit code and output are those that the bomb states."""
    return ran.code == bomb.code and bomb.says in ran.output


def main() -> int:
    """Run bombs and print a line for each; the exit code is 1 if one is above the limit."""
    parser = argparse.ArgumentParser(prog="python -m compat.robust.bombs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BOMBS))
    names = parser.parse_args().names
    if unknown := set(names) - BOMBS.keys():
        parser.error(f"no such bomb: {', '.join(sorted(unknown))}")
    worst = 0
    for name in names or BOMBS:
        with tempfile.TemporaryDirectory() as folder:
            ran = measured(BOMBS[name], Path(folder))
        worst = max(worst, ran.peak)
        line = (ran.output.strip().splitlines() or [""])[-1][:150]
        note = "" if is_expected(BOMBS[name], ran) else "NOT AS EXPECTED "
        print(
            f"{name:24} {ran.peak:5} MiB  exit {ran.code}  {note}{line}",
            flush=True,
        )
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
