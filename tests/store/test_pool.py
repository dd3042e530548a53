"""Workers: answers come back, failures are errors, and nobody is left behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from pipfast.store.workers.pool import UnreadableWheelError, WorkerFailedError, WorkerPool
from pipfast.store.workers.protocol import (
    CompileModules,
    LinkedFiles,
    LinkFiles,
    UnpackWheel,
    WheelUnreadable,
)


def children() -> set[int]:
    """The processes whose parent this is (Linux)."""
    return {
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.exists() and path.read_text().rpartition(")")[2].split()[1] == str(os.getpid())
    }


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
    with WorkerPool(sys.executable, 2) as workshop:
        batch = workshop.batch()
        for number in range(20):
            batch.add(number, link_job(source, tmp_path / "targets" / str(number)), number)
        assert dict(batch.all()) == {number: LinkedFiles([]) for number in range(20)}
    assert len(list((tmp_path / "targets").glob("*/a"))) == 20


def test_a_failing_job_raises_what_the_system_said(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").touch()
    with WorkerPool(sys.executable, 1) as workshop:
        batch = workshop.batch()
        batch.add("key", link_job(source, tmp_path / "file"), 1)
        with pytest.raises(NotADirectoryError, match="file"):
            list(batch.all())


def test_a_file_that_is_no_wheel_is_named_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(b"no archive at all")
    with WorkerPool(sys.executable, 1) as workshop:
        batch = workshop.batch()
        batch.add("key", UnpackWheel(str(tmp_path / "x.whl"), str(tmp_path), "", 0, 0, 1), 1)
        with pytest.raises(UnreadableWheelError, match="not a zip file") as caught:
            list(batch.all())
    assert caught.value.key == "key"


def test_a_worker_that_dies_is_an_error_for_all_who_wait(tmp_path: Path) -> None:
    script = tmp_path / "python"
    end = tmp_path / "end"
    script.write_text(f"#!/bin/sh\nwhile [ ! -e {end} ]; do sleep 0.01; done\nexit 3\n")
    script.chmod(0o755)
    with WorkerPool(str(script), 1) as workshop:
        batch = workshop.batch()
        for number in range(3):
            batch.add(number, CompileModules("", "", 0, []), 1)
        end.touch()
        for _ in range(3):
            with pytest.raises(WorkerFailedError):
                next(batch.all())


def test_an_unknown_job_is_a_fault_and_not_silence() -> None:
    with WorkerPool(sys.executable, 1) as workshop:
        batch = workshop.batch()
        batch.add("key", WheelUnreadable("an answer"), 1)  # type: ignore[arg-type]
        with pytest.raises(WorkerFailedError):
            list(batch.all())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_worker_outlives_the_workshop_whatever_ends_it() -> None:
    before = children()

    def fail() -> None:
        with WorkerPool(sys.executable, 2) as workshop:
            workshop.start()
            assert len(children() - before) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    deadline = time.monotonic() + 5
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert children() <= before
