"""Wheels are unpacked once, read back exactly, and never trusted when they changed."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import marshal
import os
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.manifest import Archive, seal, unseal
from pipfast.store.wheels.unpacked import AmbiguousWheel, Archives, Compilation, InvalidWheelError
from pipfast.store.workers.pool import WorkerPool
from tests.kit.wheels import Wheel

KEY = "python-x"


def unpack(
    archives: Archives, workers: WorkerPool, folder: Path, wheel: Wheel, key: str | None = None
) -> Archive:
    """Unpack one wheel."""
    path = folder / wheel.filename
    path.write_bytes(wheel.content)
    [archive] = archives.unpack([(path, wheel.sha256)], workers, Compilation(key))
    return archive


def files_of(archive: Archive) -> dict[str, bytes]:
    """All files of an archive, by name."""
    return {name: archive.read(name) for name in archive.names}


def test_an_archive_holds_what_the_wheel_holds(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    wheel = Wheel(
        name="demo",
        files={"demo/a.py": "1\n", "demo/ü.txt": "ü", "demo/big.bin": os.urandom(300_000)},
        executable=frozenset({"demo/a.py"}),
        compressed=False,
    )
    unpack(archives, workers, tmp_path, wheel)
    archive = archives.get(wheel.sha256)
    assert archive is not None
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as expected:
        assert files_of(archive) == {name: expected.read(name) for name in expected.namelist()}
    assert {archive.names[number] for number in archive.executable} == {"demo/a.py"}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.text("abc/é", min_size=1).filter(lambda name: name[-1] != "/" and "//" not in name),
        st.binary(max_size=300),
        min_size=1,
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_our_reader_reads_what_zipfile_wrote(
    workers: WorkerPool, tmp_path: Path, files: dict[str, bytes], method: int
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path = tmp_path / "x-1-py3-none-any.whl"
    path.write_bytes(stream.getvalue())
    digest = hashlib.sha256(stream.getvalue()).hexdigest()
    [unpacked] = Archives(Store(tmp_path / "store")).unpack([(path, digest)], workers)
    assert files_of(unpacked) == files


def test_modules_are_compiled_in_the_same_pass_or_later_and_alike(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {
        "m.py": "x = 1\n",
        "bad.py": "def (\n",
        "nul.py": b"x\0",
        "a.txt": "x",
    }
    wheel = Wheel(name="demo", files=files)
    archive = unpack(archives, workers, tmp_path, wheel, KEY)
    archives.ensure_bytecode([archive], Compilation("later"), workers)
    for key in (KEY, "later"):
        [(number, size)] = (archive.modules(key) or {}).items()
        assert archive.names[number] == "m.py"
        data = Path(archive.bytecode_folder(key), str(number)).read_bytes()
        source = Path(archive.folder, "files", str(number)).stat()
        assert len(data) == size
        assert int.from_bytes(data[8:12], "little") == int(source.st_mtime)
        assert int.from_bytes(data[12:16], "little") == source.st_size
        assert marshal.loads(data[16:]).co_names == ("x",)
    assert archive.modules("never") is None


def test_a_damaged_manifest_is_no_archive(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    wheel = Wheel(name="demo")
    manifest = Path(unpack(archives, workers, tmp_path, wheel).folder, "manifest")
    data = bytearray(manifest.read_bytes())
    data[-3] ^= 1
    manifest.write_bytes(data)
    assert archives.get(wheel.sha256) is None
    unpack(archives, workers, tmp_path, wheel)  # in its place
    assert archives.get(wheel.sha256) is not None


def test_an_archive_of_another_umask_is_of_no_use(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    wheel = Wheel(name="demo")
    unpack(archives, workers, tmp_path, wheel)
    umask = os.umask(0o007)
    try:  # each run asks for its umask once
        assert Archives(Store(tmp_path / "store")).get(wheel.sha256) is None
    finally:
        os.umask(umask)
    assert Archives(Store(tmp_path / "store")).get(wheel.sha256) is not None


@pytest.mark.parametrize("keep", [0, 10, 0.3, 0.9, 0.999])
def test_a_truncated_wheel_is_refused_and_leaves_nothing(
    archives: Archives, workers: WorkerPool, tmp_path: Path, keep: float
) -> None:
    wheel = Wheel(name="demo", files={"demo.py": os.urandom(1000)})
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content[: int(keep if keep >= 1 else keep * len(wheel.content))])
    with pytest.raises(InvalidWheelError) as caught:
        list(archives.unpack([(path, wheel.sha256)], workers, Compilation(KEY)))
    assert caught.value.message == f"Wheel 'demo' located at {path} is invalid."
    assert list((tmp_path / "store" / "tmp").iterdir()) == []
    assert not (tmp_path / "store" / "archives").exists()


def test_a_byte_that_changed_on_the_way_is_noticed(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    wheel = Wheel(name="demo", files={"demo.txt": "payload"}, compressed=False)
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content.replace(b"payload", b"pAyload", 1))
    with pytest.raises(AmbiguousWheel):
        list(archives.unpack([(path, wheel.sha256)], workers))


@pytest.mark.parametrize(("rows", "fits"), [(7, True), (6, False)])
def test_the_rows_of_a_record_are_limited(
    archives: Archives,
    workers: WorkerPool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: int,
    fits: bool,
) -> None:
    monkeypatch.setattr("pipfast.store.wheels.unpacked.RECORD_ROWS", rows)
    wheel = Wheel(name="demo", record="a,,\n" * 7)
    if fits:
        assert len(unpack(archives, workers, tmp_path, wheel).record) == 7
        return
    with pytest.raises(AmbiguousWheel):
        unpack(archives, workers, tmp_path, wheel)


def test_a_wheel_shared_by_workers_is_whole(
    archives: Archives, workers: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.store.wheels.unpacked._PART", 1)
    files = {f"demo/m{number}.py": f"x = {number}\n" * number for number in range(40)}
    archive = unpack(archives, workers, tmp_path, Wheel(name="demo", files=files), KEY)
    assert {name: archive.read(name).decode() for name in files} == files
    assert len(archive.modules(KEY) or ()) == 40


@given(st.recursive(st.text() | st.binary() | st.integers(), st.lists))
def test_what_is_sealed_comes_back_and_a_changed_byte_does_not(value: object) -> None:
    data = seal(value)
    assert unseal(data) == value
    with pytest.raises(ValueError, match="damaged"):
        unseal(data[:-1] + bytes([data[-1] ^ 1]))


def test_bytecode_is_checked_by_hash_where_builds_shall_be_reproducible(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    demo = Wheel(name="demo", files={"demo.py": "ONE = 1\n"})
    with WorkerPool(sys.executable, 1) as workers:
        archive = unpack(archives, workers, tmp_path, demo, "hashed")
    number = archive.names.index("demo.py")
    code = Path(archive.folder, "pyc", "hashed", str(number)).read_bytes()
    assert code[4:8] == b"\x03\x00\x00\x00"  # PEP 552: by hash, and checked
    assert code[8:16] == importlib.util.source_hash(b"ONE = 1\n")


def test_an_archive_that_another_was_quicker_to_unpack_stays(
    archives: Archives, workers: WorkerPool, tmp_path: Path
) -> None:
    wheel = Wheel(name="demo")
    first = unpack(archives, workers, tmp_path, wheel)
    inode = Path(first.folder).stat().st_ino
    second = unpack(archives, workers, tmp_path, wheel)
    assert Path(second.folder).stat().st_ino == inode


@pytest.mark.parametrize("tag", ["py3-none-any", "cp311-cp311-linux_x86_64"])
@pytest.mark.parametrize("only_pure", [False, True])
def test_wheels_for_one_platform_can_be_left_uncompiled(
    archives: Archives, workers: WorkerPool, tmp_path: Path, tag: str, *, only_pure: bool
) -> None:
    wheel = Wheel(name="demo", files={"demo.py": "x = 1"}, tag=tag)
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content)
    compilation = Compilation(KEY, only_pure=only_pure)
    is_compiled = tag.endswith("-any") or not only_pure
    [archive] = archives.unpack([(path, wheel.sha256)], workers, compilation)
    assert (archive.modules(KEY) is not None) is is_compiled
    [again] = archives.ensure_bytecode([archive], compilation, workers)
    assert (again.modules(KEY) is not None) is is_compiled
