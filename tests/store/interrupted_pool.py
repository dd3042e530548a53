"""Batches of jobs in a fork that gets SIGINT at its N-th line of the pool, or N-th opcode."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.store.filesystem.temporary_folders import TemporaryFolders
from pipfast.store.workers.pool import WorkerPool
from pipfast.store.workers.protocol import LinkFiles

TRACED = ("pool.py", "worker_process.py", "interrupts.py", "temporary_folders.py")
DONE, INTERRUPTED, LEFT_PROCESSES, HANGS = 0, 3, 4, -1
PATIENCE = 20.0
"""Seconds after which a fork is taken for hanging; the machine may be busy."""


class Tracer:
    """Sends this process SIGINT at event number `at` in the traced modules."""

    def __init__(self, at: int, *, opcodes: bool) -> None:
        self.at = at
        self.opcodes = opcodes
        self.count = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(TRACED):
            return None
        frame.f_trace_opcodes = self.opcodes
        if event == ("opcode" if self.opcodes else "line"):
            self.count += 1
            if self.count == self.at:
                signal.raise_signal(signal.SIGINT)
        return self


def work(folder: Path, source: Path) -> None:
    """Run two batches, of which the second is larger than the number of workers."""
    job = LinkFiles(["copy"], [(str(source), 0, [(str(folder / "out"), [])])], [])
    with held(), WorkerPool(sys.executable, 2) as pool, interruptible():
        for jobs in (1, 4):
            with held(), TemporaryFolders() as temporary, pool.batch() as batch, interruptible():
                temporary.make(str(folder))
                for number in range(jobs):
                    batch.add(number, job, number)
                    list(batch.ready())
                assert list(batch.all()) is not None


def run(folder: Path, source: Path, at: int, *, opcodes: bool = False) -> tuple[int, int]:
    """Return how a fork that is interrupted at event `at` ends, and the number of its events."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        with suppress(BaseException):
            code = _child(folder, source, Tracer(at, opcodes=opcodes), writer)
        os._exit(code)
    os.close(writer)
    code = _ended(child)
    with os.fdopen(reader) as answer:
        text = answer.read() if code != HANGS else ""
    return code, int(text or 0)


def _child(folder: Path, source: Path, tracer: Tracer, writer: int) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = DONE
    try:
        sys.settrace(tracer)
        work(folder, source)
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        sys.settrace(None)
    os.write(writer, str(tracer.count).encode())
    with suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
        return LEFT_PROCESSES
    return code


def _ended(child: int) -> int:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return HANGS
