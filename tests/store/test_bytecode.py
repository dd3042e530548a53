"""Bytecode of the store is only used as it was compiled."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.store.wheels import bytecode
from pipfast.store.wheels.manifest import Archive, StaleArchives
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from tests.kit.wheels import Wheel

KEY = "python-x"


@pytest.fixture
def archive(archives: Archives, workers: WorkerPool, tmp_path: Path) -> Archive:
    names = ("a", "b", "c", "d")
    wheel = Wheel(name="demo", files={f"demo/{name}.py": f"x = {name!r}\n" for name in names})
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content)
    [made] = archives.unpack([(path, wheel.sha256)], workers, Compilation(KEY))
    return made


def content(archive: Archive) -> dict[int, tuple[bytes, object]]:
    """The header and code of the modules; equal code may be marshalled to different bytes."""
    folder = Path(archive.bytecode_folder(KEY))
    data = {number: (folder / str(number)).read_bytes() for number in archive.modules(KEY) or ()}
    return {number: (each[:16], marshal.loads(each[16:])) for number, each in data.items()}


def unchanged_facts(path: Path, change: Callable[[Path], None]) -> None:
    """Change a file and give it and its folder their times back."""
    facts, around = path.stat(), path.parent.stat()
    change(path)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    os.utime(path.parent, ns=(around.st_atime_ns, around.st_mtime_ns))


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_magic(path: Path) -> None:
    path.write_bytes(b"\0\0\r\n" + path.read_bytes()[4:])


def other_source(path: Path) -> None:
    other = next(each for each in path.parent.iterdir() if each.name not in ("done", path.name))
    path.write_bytes(other.read_bytes())


DAMAGES = [zero, halve, other_magic, other_source, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
def test_after_a_restart_damage_is_found_and_mended(
    archives: Archives,
    archive: Archive,
    workers: WorkerPool,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
) -> None:
    before = content(archive)
    victim = Path(archive.bytecode_folder(KEY), str(min(before)))
    around = victim.parent.stat()
    damage(victim)
    os.utime(victim.parent, ns=(around.st_atime_ns, around.st_mtime_ns))
    if victim.exists():
        os.utime(victim, (archive.mtime, archive.mtime))
    monkeypatch.setattr(bytecode, "boot_id", lambda: "another start of the system")
    [mended] = archives.ensure_bytecode([archive], Compilation(KEY), workers)
    assert content(mended) == before


def test_undamaged_bytecode_is_compared_once_after_a_restart(
    archives: Archives, archive: Archive, workers: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "boot_id", lambda: "another start of the system")
    archives.ensure_bytecode([archive], Compilation(KEY), workers)
    victim = Path(archive.bytecode_folder(KEY), "0")
    unchanged_facts(victim, zero)
    archives.ensure_bytecode([archive], Compilation(KEY), workers)
    assert victim.read_bytes().strip(b"\0") == b"", "it was compared again"
    [mended] = archives.ensure_bytecode([archive], Compilation(KEY), workers, thorough=True)
    assert Path(mended.bytecode_folder(KEY), "0").read_bytes().strip(b"\0")


def test_an_exchanged_file_is_found_at_once(
    archives: Archives, archive: Archive, workers: WorkerPool
) -> None:
    before = content(archive)
    folder = Path(archive.bytecode_folder(KEY))
    (folder / "0").rename(folder / "x")
    (folder / "1").rename(folder / "0")
    (folder / "x").rename(folder / "1")
    [mended] = archives.ensure_bytecode([archive], Compilation(KEY), workers)
    assert content(mended) == before


def test_a_changed_source_is_not_compiled(
    archives: Archives, archive: Archive, workers: WorkerPool
) -> None:
    Path(archive.folder, "files", "0").write_text("evil = 1\n")
    with pytest.raises(StaleArchives):
        archives.ensure_bytecode([archive], Compilation("another"), workers)


def test_a_damaged_list_is_no_bytecode(
    archives: Archives, archive: Archive, workers: WorkerPool
) -> None:
    before = content(archive)
    done = Path(archive.bytecode_folder(KEY), "done")
    done.write_bytes(done.read_bytes()[:-1])
    assert archive.modules(KEY) is None
    [mended] = archives.ensure_bytecode([archive], Compilation(KEY), workers)
    assert content(mended) == before
