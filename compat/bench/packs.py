"""Measure whether unpacked wheels with bytecode are worth being shared as compressed packs.

    chrt -r 1 python -m compat.bench.packs WHEEL … [--rounds 5] [--bandwidth 1000] > table.md

The first way downloads a wheel, unpacks and compiles it with the workers of the store, as an
installation does. The second one downloads a wheel, unpacks it so, and takes its bytecode from a
pack. The others download a pack with the same files and their bytecode. A pack is decompressed,
each member compared with its digest and written, in as many processes as the store has workers.
Packs have the compressions that Python has, and zstd if the distribution zstandard is
installed. The line has the given megabits a second and 5 ms for each answer. Times and processor
seconds include starting the processes; the server's are not counted.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from compat.bench.serve import serving
from pipfast.concurrency.interrupts import held, interruptible
from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool, cpu_count

_LATENCY = 5  # milliseconds
_KEY = "measured"
_CHUNK = 1 << 18  # bytes

_READER = """
import hashlib, json, os, sys
source, folder, kind = sys.argv[1:]
data = open(source, "rb").read()
size = int.from_bytes(data[:8], "big")
rows = json.loads(data[8 : 8 + size])
if kind == "zstd":
    import zstandard
    body = zstandard.ZstdDecompressor().decompress(data[8 + size :])
else:
    import zlib
    body = zlib.decompress(data[8 + size :])
at = 0
for number, length, digest in rows:
    part = body[at : at + length]
    at += length
    assert hashlib.sha256(part).hexdigest() == digest
    file = os.open(os.path.join(folder, str(number)), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(file, part)
    os.close(file)
"""
"""What takes a part of a pack apart: as little as can be, in favour of packs."""


@dataclass(frozen=True)
class Way:
    """A way to get the files: what is downloaded, and how it becomes files in a folder."""

    name: str
    files: tuple[str, ...]
    size: int
    unpack: Callable[[list[Path], Path], None]


def _as_wheel(files: list[Path], folder: Path, key: str | None = _KEY) -> None:
    """Unpack a wheel, and compile it if there is a key."""
    sha256 = hashlib.sha256(files[0].read_bytes()).hexdigest()
    with held(), WorkerPool(sys.executable) as pool, interruptible():
        for _ in Archives(Store(folder)).unpack([(files[0], sha256)], pool, Compilation(key)):
            pass


def _as_both(files: list[Path], folder: Path) -> None:
    """Unpack a wheel, and take its bytecode from a pack."""
    _as_wheel(files[:1], folder, None)
    _as_pack("zlib")(files[1:], folder)


def _as_pack(kind: str) -> Callable[[list[Path], Path], None]:
    def unpack(files: list[Path], folder: Path) -> None:
        words = [sys.executable, "-I", "-S" if kind == "zlib" else "-B", "-c", _READER]
        readers = [subprocess.Popen([*words, str(one), str(folder), kind]) for one in files]
        assert all(reader.wait() == 0 for reader in readers)

    return unpack


def _members(wheel: Path, folder: Path) -> list[Path]:
    """Unpack and compile a wheel once; return its files and bytecode, the largest first."""
    _as_wheel([wheel], folder)
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(found, key=lambda path: -path.stat().st_size)


def _packed(kind: str, members: list[Path], place: Path, name: str) -> list[Path]:
    """Write a pack of members in as many parts as there are processors; return the parts."""
    shares: list[list[Path]] = [[] for _ in range(cpu_count())]
    for at, member in enumerate(members):
        shares[at % len(shares)].append(member)
    made: list[Path] = []
    for at, share in enumerate(shares):
        contents = [path.read_bytes() for path in share]
        rows = [
            (at + number * len(shares), len(one), hashlib.sha256(one).hexdigest())
            for number, one in enumerate(contents)
        ]
        head = json.dumps(rows).encode()
        body = _compressed(kind, b"".join(contents))
        made.append(place / f"{name}.{at}")
        made[-1].write_bytes(len(head).to_bytes(8, "big") + head + body)
    return made


def _compressed(kind: str, data: bytes) -> bytes:
    if kind == "zlib":
        return zlib.compress(data, 6)
    zstandard: Any = importlib.import_module("zstandard")
    packed: bytes = zstandard.ZstdCompressor(level=10).compress(data)
    return packed


def _ways(wheel: Path, shelf: Path) -> list[Way]:
    """Write what can be downloaded for a wheel into `shelf`."""
    place = shelf / wheel.name
    place.mkdir(parents=True)
    shutil.copy(wheel, place / wheel.name)
    with tempfile.TemporaryDirectory() as folder:
        members = _members(wheel, Path(folder))
        kinds = ["zlib", *(["zstd"] if importlib.util.find_spec("zstandard") else [])]
        packs = {kind: _packed(kind, members, place, kind) for kind in kinds}
        compiled = [path for path in members if "pyc" in path.relative_to(folder).parts]
        bytecode = _packed("zlib", compiled, place, "bytecode")
    found = [
        _way("wheel", [place / wheel.name], _as_wheel),
        _way("wheel, pack of bytecode", [place / wheel.name, *bytecode], _as_both),
    ]
    for kind, parts in packs.items():
        found.append(_way(f"pack, {kind}", parts, _as_pack(kind)))
    return found


def _way(name: str, files: list[Path], unpack: Callable[[list[Path], Path], None]) -> Way:
    size = sum(file.stat().st_size for file in files)
    return Way(name, tuple(file.name for file in files), size, unpack)


def _measured(way: Way, base: str, folder: Path) -> tuple[float, float]:
    """Return the seconds and processor seconds of a way."""
    (folder / "download").mkdir(parents=True)
    (folder / "files").mkdir()
    began, used = time.perf_counter(), _processor()
    line = http.client.HTTPConnection(urlsplit(base).netloc)
    files = [folder / "download" / name for name in way.files]
    for path in files:
        line.request("GET", f"{urlsplit(base).path}/{path.name}")
        answer = line.getresponse()
        assert answer.status == 200
        with path.open("wb") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
    line.close()
    way.unpack(files, folder / "files")
    return time.perf_counter() - began, _processor() - used


def _processor() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


def main() -> None:
    """Print a table with a row for each wheel and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bandwidth", type=float, default=1000.0, help="megabits a second")
    chosen = parser.parse_args()
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        ways = {one: _ways(one, root / "packages") for one in chosen.wheels}
        with serving(root, None) as base:
            urlopen(f"{base}/-/shape?latency={_LATENCY}&bandwidth={chosen.bandwidth}").close()
            print("| wheel | way | MB | seconds | processor seconds |")
            print("| --- | --- | --- | --- | --- |")
            for wheel, found in ways.items():
                at = f"{base}/packages/{wheel.name}"
                rows: dict[str, list[tuple[float, float]]] = {way.name: [] for way in found}
                for _ in range(chosen.rounds):
                    for way in found:  # in turn, so that noise meets all
                        place = root / "trial"
                        rows[way.name].append(_measured(way, at, place))
                        shutil.rmtree(place)
                for way in found:
                    took, used = map(statistics.median, zip(*rows[way.name], strict=True))
                    short = "-".join(wheel.name.split("-")[:2])
                    print(
                        f"| {short} | {way.name} | {way.size / 1e6:.1f} | {took:.2f} | {used:.2f} |"
                    )


if __name__ == "__main__":
    main()
