"""Workers: answers come back, failures are errors, and nobody is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipfast.store.workers import pool, worker
from pipfast.store.workers.pool import UnreadableWheelError, WorkerFailedError, WorkerPool
from pipfast.store.workers.protocol import (
    CheckModules,
    CompileModules,
    LinkedFiles,
    LinkFiles,
    UnpackWheel,
    WheelUnreadable,
    encoded,
)
from pipfast.store.workers.worker_process import WorkerProcess
from tests.kit.wheels import wheel

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Job


def children() -> set[int]:
    """The processes whose parent this is (Linux)."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # the process may have ended
            if path.read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                found.add(int(path.parent.name))
    return found


def link_job(source: Path, target: Path) -> LinkFiles:
    """A job that links file 0 of `source` into `target`."""
    size = (source / "0").stat().st_size
    mtime = int((source / "0").stat().st_mtime)
    mode = (source / "0").stat().st_mode & 0o7777
    return LinkFiles(
        ["hardlink", "copy"],
        [(str(source), mtime, [(str(target), [("a", 0, size, mode)])])],
        [],
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "0").write_text("text")
    os.utime(folder / "0", (1_600_000_000, 1_600_000_000))
    return folder


def test_every_job_is_answered_under_its_key(tmp_path: Path, source: Path) -> None:
    with WorkerPool(sys.executable, 2) as workers:
        batch = workers.batch()
        for number in range(20):
            batch.add(number, link_job(source, tmp_path / "targets" / str(number)), number)
        assert dict(batch.all()) == {number: LinkedFiles([]) for number in range(20)}
    assert len(list((tmp_path / "targets").glob("*/a"))) == 20


def test_a_failing_job_raises_what_the_system_said(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").touch()
    with WorkerPool(sys.executable, 1) as workers:
        batch = workers.batch()
        batch.add("key", link_job(source, tmp_path / "file"), 1)
        with pytest.raises(NotADirectoryError, match="file"):
            list(batch.all())


def jobs_for_an_orphan(folder: Path, source: Path) -> list[Job]:
    """Jobs of all kinds that change or read a file."""
    made = folder / "made"
    for name in ("wheel/files", "wheel/pyc/key", "compiled"):
        (made / name).mkdir(parents=True)
    archive = folder / "demo.whl"
    archive.write_bytes(wheel("demo", "1.0").content)
    facts = (source / "0").stat()
    files = source.parent / "unpacked" / "files"
    files.mkdir(parents=True)
    (files / "0").write_text("V = 1\n")
    moment = int((files / "0").stat().st_mtime)
    return [
        UnpackWheel(str(archive), str(made / "wheel"), "key", 0, 0, 1),
        CompileModules(str(files.parent), str(made / "compiled"), moment, [(0, "a.py", 6)]),
        CheckModules(str(source), [(0, facts.st_size, 0)]),
        link_job(source, made / "linked"),
        LinkFiles([], [], [(str(made / "written"), b"text", 0, "")]),
    ]


@pytest.mark.parametrize("number", range(5))
def test_a_worker_whose_main_process_is_gone_does_nothing_more(
    tmp_path: Path, source: Path, number: int
) -> None:
    job = jobs_for_an_orphan(tmp_path, source)[number]
    words = [sys.executable, "-I", "-S", worker.__file__, "1"]  # the parent is this process, not 1
    ended = subprocess.run(words, input=encoded(job), capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"", b"")
    assert [path for path in (tmp_path / "made").rglob("*") if path.is_file()] == []


def test_a_file_that_is_no_wheel_is_named_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(b"no archive at all")
    with WorkerPool(sys.executable, 1) as workers:
        batch = workers.batch()
        batch.add("key", UnpackWheel(str(tmp_path / "x.whl"), str(tmp_path), "", 0, 0, 1), 1)
        with pytest.raises(UnreadableWheelError) as caught:
            list(batch.all())
    assert caught.value.key == "key"


def test_a_worker_that_dies_is_an_error_for_all_who_wait(tmp_path: Path) -> None:
    script = tmp_path / "python"
    end = tmp_path / "end"
    script.write_text(f"#!/bin/sh\nwhile [ ! -e {end} ]; do sleep 0.01; done\nexit 3\n")
    script.chmod(0o755)
    with WorkerPool(str(script), 1) as workers:
        batch = workers.batch()
        for number in range(3):
            batch.add(number, CompileModules("", "", 0, []), 1)
        end.touch()
        for _ in range(3):
            with pytest.raises(WorkerFailedError):
                next(batch.all())


def test_an_unknown_job_is_a_fault_and_not_silence() -> None:
    with WorkerPool(sys.executable, 1) as workers:
        batch = workers.batch()
        batch.add("key", WheelUnreadable("an answer", ""), 1)  # type: ignore[arg-type]
        with pytest.raises(WorkerFailedError):
            list(batch.all())


@pytest.mark.parametrize("allowed", [0, 1])
def test_as_many_workers_as_the_system_allows_do_all_jobs(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if len(started) == allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    with WorkerPool(sys.executable, 3) as workers:
        workers.start()
        with workers.batch() as batch:
            for number in range(5):
                batch.add(number, link_job(source, tmp_path / str(number)), number)
            assert dict(batch.all()) == dict.fromkeys(range(5), LinkedFiles([]))


def test_one_process_suffices(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def limited(executable: str) -> WorkerProcess:
        if made:
            raise BlockingIOError(11, "Resource temporarily unavailable", executable)
        made.append(executable)
        return WorkerProcess(executable)

    monkeypatch.setattr(pool, "WorkerProcess", limited)
    with WorkerPool(sys.executable, 3) as workers:
        workers.start()
        with workers.batch() as batch:
            batch.add("key", link_job(source, tmp_path / "out"), 1)
            assert dict(batch.all()) == {"key": LinkedFiles([])}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_worker_outlives_the_workshop_whatever_ends_it() -> None:
    before = children()

    def fail() -> None:
        with WorkerPool(sys.executable, 2) as workers:
            workers.start()
            assert len(children() - before) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    deadline = time.monotonic() + 5
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert children() <= before
