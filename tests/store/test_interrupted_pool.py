"""A Ctrl-C at any moment in the pool ends the run: no hang, no worker and no folder is left."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from pipfast.concurrency.interrupts import (
    HeldSignals,
    held,
    interruptible,
    reporting,
    signals_as_exceptions,
)
from pipfast.store.workers.pool import WorkerPool
from pipfast.store.workers.protocol import CompileModules
from tests.store.interrupted_pool import DONE, INTERRUPTED, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and POSIX signals")

STEP = int(os.environ.get("PIPFAST_TEST_STEP", "7"))
"""Each N-th line is tried; 1 tries all."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("opcodes", "step"), [(False, STEP), (True, STEP * 23)])
def test_an_interrupt_at_any_line_leaves_nothing_behind(
    tmp_path: Path, source: Path, *, opcodes: bool, step: int
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    code, events = run(folder, source, 0, opcodes=opcodes)
    assert code == DONE
    ends = set()
    for at in range(1, events, step):
        code, _ = run(folder, source, at, opcodes=opcodes)
        assert code in (DONE, INTERRUPTED), f"ended with {code} at event {at}"
        assert not list(folder.glob(".aside*")), f"a folder is left at event {at}"
        ends.add(code)
    assert INTERRUPTED in ends


def test_a_signal_in_held_steps_is_raised_after_the_outermost() -> None:
    steps = []

    def interrupted() -> None:
        with held():
            with held():
                signal.raise_signal(signal.SIGINT)
                steps.append(1)
            steps.append(2)
        steps.append(3)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert steps == [1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_is_raised_closes_the_way_for_others() -> None:
    def interrupted() -> None:
        with held():
            interruptible().__enter__()  # a signal may keep its end from running
            try:
                signal.raise_signal(signal.SIGINT)
            finally:
                signal.raise_signal(signal.SIGINT)
                steps.append("cleanup")

    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt), signals_as_exceptions():
        interrupted()
    assert steps == ["cleanup"]


def test_an_interrupt_after_the_commit_has_no_effect_until_the_report_is_made() -> None:
    with reporting():
        with HeldSignals() as signals:
            signals.committed()
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """A worker that never answers."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    return str(script)


def test_an_interrupt_kills_workers_instead_of_waiting_for_their_jobs(slow: str) -> None:
    begin = time.monotonic()

    def interrupted() -> None:
        with WorkerPool(slow, 1) as pool, pool.batch() as batch:
            batch.add("key", CompileModules("", "", 0, []), 1)
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            list(batch.all())

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begin < 5


def test_an_interrupt_while_a_failed_batch_is_settled_kills_workers(slow: str) -> None:
    begin = time.monotonic()

    def failed() -> None:
        with WorkerPool(slow, 1) as pool, pool.batch() as batch:
            batch.add("key", CompileModules("", "", 0, []), 1)
            time.sleep(0.1)  # until it is running
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        failed()
    assert time.monotonic() - begin < 5


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_start_with_signals_blocked(slow: str) -> None:
    with WorkerPool(slow, 1) as pool:
        pool.start()
        (worker,) = pool._workers
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
    blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        assert blocked & 1 << (number - 1)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
