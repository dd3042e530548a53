"""Bytecode from a pack is that of the wheel's own modules, or none of it is used."""

from __future__ import annotations

import json
import marshal
import os
import struct
import sys
import zlib
from collections.abc import Callable, Sequence
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

import pytest

from pipfast.store.filesystem.root import Store
from pipfast.store.wheels import pack_files
from pipfast.store.wheels.bytecode_packs import Block, NoPacks, UnusablePack
from pipfast.store.wheels.manifest import Archive, StaleArchives
from pipfast.store.wheels.pack_files import read_pack, write_pack
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from tests.kit.packs import Pack
from tests.kit.wheels import Wheel

KEY = "python-x"
MAGIC = MAGIC_NUMBER.hex()
WHEEL = Wheel(
    name="demo",
    files={
        "demo/__init__.py": "",
        "demo/a.py": "A = 1\n",
        "demo/broken.py": "def (\n",
        "demo/c.py": "def c(): return 'c'\n",
        "demo/data.txt": "data",
    },
)


class Given(NoPacks):
    """Gives one pack for all archives, and notes what becomes of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = 0
        self.taken = 0
        self.seconds: list[float] = []

    def may_come(self, digest: str) -> bool:
        del digest
        return True

    def get(self, archive: Archive) -> str | None:
        del archive
        return str(self.path)

    def blocks(self, archive: Archive, path: str) -> Sequence[Block]:
        return read_pack(path, archive, MAGIC)

    def refuse(self, archive: Archive) -> None:
        del archive
        self.refused += 1

    def used(self, archive: Archive) -> None:
        del archive
        self.taken += 1

    def compiled(self, archive: Archive, seconds: float) -> None:
        del archive
        self.seconds.append(seconds)


def unpacked(
    wheel: Wheel, place: Path, archives: Archives, pool: WorkerPool, compilation: Compilation
) -> Archive:
    path = place / wheel.filename
    path.write_bytes(wheel.content)
    [archive] = archives.unpack([(path, wheel.sha256)], pool, compilation)
    return archive


def content(archive: Archive) -> dict[str, bytes]:
    """The bytecode of an archive by the names of modules."""
    folder = Path(archive.bytecode_folder(KEY))
    modules = archive.modules(KEY) or {}
    return {archive.names[number]: (folder / str(number)).read_bytes() for number in modules}


@pytest.fixture
def made(archives: Archives, workers: WorkerPool, tmp_path: Path) -> Archive:
    """An archive that was compiled here."""
    return unpacked(WHEEL, tmp_path, archives, workers, Compilation(KEY))


@pytest.fixture
def pack(made: Archive, tmp_path: Path) -> Path:
    """The pack of its bytecode."""
    path = tmp_path / "pack"
    known = made.compiled(KEY)
    assert known is not None
    with path.open("wb") as file:
        write_pack(file, made, KEY, known, MAGIC)
    return path


def elsewhere(tmp_path: Path, workers: WorkerPool, packs: Given, wheel: Wheel = WHEEL) -> Archive:
    """Unpack the wheel on another machine, an hour later, with a pack."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    archives = Archives(Store(place / "store"))
    compilation = Compilation(KEY, packs=packs)
    archive = unpacked(wheel, place, archives, workers, compilation)
    assert archive.modules(KEY) is None
    [done] = archives.ensure_bytecode([archive], compilation, workers)
    return done


@pytest.mark.parametrize("block", [1 << 20, 1])
def test_what_one_machine_compiled_is_written_elsewhere_with_own_headers(
    block: int,
    made: Archive,
    tmp_path: Path,
    workers: WorkerPool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pack_files, "_BLOCK", block)
    path = tmp_path / "pack"
    known = made.compiled(KEY)
    assert known is not None
    with path.open("wb") as file:
        write_pack(file, made, KEY, known, MAGIC)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    packs = Given(path)
    done = elsewhere(tmp_path, workers, packs)
    assert (packs.taken, packs.refused, packs.seconds) == (1, 0, [])
    here, there = content(made), content(done)
    assert there.keys() == {"demo/__init__.py", "demo/a.py", "demo/c.py"}
    for name, data in there.items():
        size = done.sizes[done.names.index(name)]
        assert data[:16] == MAGIC_NUMBER + struct.pack("<III", 0, 2_000_000_000, size)
        assert data[16:] == here[name][16:]
    folder = Path(done.bytecode_folder(KEY))
    assert {path.stat().st_mtime for path in [folder, *folder.glob("[0-9]*")]} == {2e9}


def test_headers_have_the_hash_of_the_source_if_a_local_compile_writes_it(
    pack: Path, made: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    with WorkerPool(sys.executable, 1) as workers:
        there = content(elsewhere(tmp_path, workers, Given(pack)))
    source = made.read("demo/c.py")
    head = MAGIC_NUMBER + struct.pack("<I", 3) + source_hash(source)
    assert there["demo/c.py"] == head + content(made)["demo/c.py"][16:]


def test_a_source_that_was_changed_is_not_hashed(
    pack: Path,
    archives: Archives,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    compilation = Compilation("other", packs=Given(pack))
    with WorkerPool(sys.executable, 1) as workers:
        [archive] = [archives.get(WHEEL.sha256)]
        assert archive is not None
        source = Path(archive.folder, "files", str(archive.names.index("demo/c.py")))
        source.write_text("changed\n")
        with pytest.raises(StaleArchives):
            archives.ensure_bytecode([archive], compilation, workers)


def _other_module(pack: Pack) -> bytes:
    pack.index["modules"][1][0] = "demo/b.py"
    return pack.content()


def _other_source(pack: Pack) -> bytes:
    pack.index["modules"][1][1] += 1
    return pack.content()


def _without_a_module(pack: Pack) -> bytes:
    del pack.index["modules"][1], pack.codes[1]
    return pack.content()


def _one_module_more(pack: Pack) -> bytes:
    pack.index["modules"].append(["../../more.py", 4, 4])
    pack.codes.append(b"\x63abc")
    return pack.content()


def _other_order(pack: Pack) -> bytes:
    pack.index["modules"].reverse()
    pack.codes.reverse()
    return pack.content()


def _no_code(pack: Pack) -> bytes:
    pack.replace("demo/a.py", marshal.dumps("text"))
    return pack.content()


def _shifted(pack: Pack) -> bytes:
    rows = pack.index["modules"]
    rows[0][2] -= 1
    rows[1][2] += 1
    return pack.content()


def _shorter_code(pack: Pack) -> bytes:
    pack.codes[-1] = pack.codes[-1][:-1]
    return pack.content()


def _longer_code(pack: Pack) -> bytes:
    pack.codes[-1] += b"x"
    return pack.content()


def _flipped(at: int) -> Callable[[Pack], bytes]:
    def change(pack: Pack) -> bytes:
        data = bytearray(pack.content())
        data[at] ^= 8
        return bytes(data)

    return change


def _assembled(pack: Pack, codes: list[bytes], between: bytes = b"", after: bytes = b"") -> bytes:
    block = zlib.compress(b"".join(codes))
    index = {**pack.index, "blocks": [(len(codes), len(block))]}
    packed = zlib.compress(json.dumps(index).encode()) + after
    return block + between + packed + len(packed).to_bytes(8, "little")


CHANGES: dict[str, Callable[[Pack], bytes]] = {
    "another magic number": lambda pack: pack.content(magic="00000d0a"),
    "another format": lambda pack: pack.content(format=2),
    "no list of modules": lambda pack: pack.content(modules=None),
    "a module of another wheel": _other_module,
    "a source of another size": _other_source,
    "a module less": _without_a_module,
    "a module more": _one_module_more,
    "another order": _other_order,
    "no code": _no_code,
    "code at other places": _shifted,
    "code that is too short": _shorter_code,
    "code that is too long": _longer_code,
    "blocks with fewer modules": lambda pack: pack.content(blocks=[(1, len(pack.codes[0]))]),
    "blocks without the last modules": lambda pack: _assembled(pack, pack.codes[:2]),
    "bytes between blocks and index": lambda pack: _assembled(pack, pack.codes, between=b"x"),
    "bytes after the index": lambda pack: _assembled(pack, pack.codes, after=b"x"),
    "blocks that are no numbers": lambda pack: pack.content(blocks=[("1", 1)]),
    "a negative block": lambda pack: pack.content(blocks=[(5, -1)]),
    "a bit of a block": _flipped(20),
    "a bit of the index": _flipped(-40),
    "a bit of the length": _flipped(-8),
    "truncated": lambda pack: pack.content()[:-1],
    "truncated in front": lambda pack: pack.content()[1:],
    "empty": lambda pack: b"",
    "only a length": lambda pack: bytes(8),
    "a long index": lambda pack: _with_index(pack, b" " * (33 << 20)),
}


def _with_index(pack: Pack, text: bytes) -> bytes:
    del pack
    packed = zlib.compress(text)
    return packed + len(packed).to_bytes(8, "little")


@pytest.mark.parametrize("change", CHANGES)
def test_an_odd_pack_is_refused_as_a_whole_and_the_wheel_compiled(
    change: str, pack: Path, made: Archive, tmp_path: Path, workers: WorkerPool
) -> None:
    pack.write_bytes(CHANGES[change](Pack.of(pack.read_bytes())))
    packs = Given(pack)
    done = elsewhere(tmp_path, workers, packs)
    assert (packs.taken, packs.refused, len(packs.seconds)) == (0, 1, 1)
    here, there = content(made), content(done)
    codes = [
        {name: marshal.loads(data[16:]) for name, data in one.items()} for one in (here, there)
    ]
    assert codes[0] == codes[1]


def test_the_pack_of_another_wheel_is_refused(
    pack: Path, tmp_path: Path, workers: WorkerPool
) -> None:
    other = Wheel(name="demo", files={"demo/__init__.py": "", "demo/a.py": "A = 12\n"})
    packs = Given(pack)
    done = elsewhere(tmp_path, workers, packs, other)
    assert (packs.taken, packs.refused) == (0, 1)
    assert marshal.loads(content(done)["demo/a.py"][16:]).co_consts[0] == 12


def test_bytecode_that_was_changed_in_the_store_is_not_packed(
    made: Archive, tmp_path: Path
) -> None:
    known = made.compiled(KEY)
    assert known is not None
    victim = Path(made.bytecode_folder(KEY), str(made.names.index("demo/c.py")))
    victim.write_bytes(bytes(victim.stat().st_size))
    with (tmp_path / "pack").open("wb") as file, pytest.raises(UnusablePack):
        write_pack(file, made, KEY, known, MAGIC)


def test_compiling_takes_processor_time(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    class Slow(Given):
        def may_come(self, digest: str) -> bool:
            del digest
            return False

    packs = Slow(tmp_path)
    lines = "".join(f"x{number} = [{number}, {{'a': {number}}}]\n" for number in range(5000))
    wheel = Wheel(name="long", files={"long.py": lines})
    unpacked(wheel, tmp_path, archives, workers, Compilation(KEY, packs=packs))
    assert len(packs.seconds) == 1
    assert 0.005 < packs.seconds[0] < 5
    assert os.listdir(tmp_path / "store" / "tmp") == []  # noqa: PTH208
