"""A pool of worker processes, which start early and run the largest jobs first."""

from __future__ import annotations

import heapq
import os
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipfast.errors import OwnFault, PipfastError
from pipfast.store.workers.protocol import (
    SystemFailed,
    WheelUnreadable,
    WorkerFailed,
    answer_in,
    encoded,
    length,
)

if TYPE_CHECKING:
    from subprocess import Popen
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

    from pipfast.store.workers.protocol import Answer, Job, Result

    Results = SimpleQueue[tuple[Any, Answer]]

_SCRIPT = str(Path(__file__).with_name("worker.py"))
_INTERVAL = 0.2  # seconds between checks for SIGINT where waiting cannot be interrupted
_CLOSED = "the pool was closed"


class WorkerFailedError(OwnFault):
    """A worker process died or violated the protocol."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A worker process failed: {why}")


class UnreadableWheelError(PipfastError):
    """A file is not a readable wheel; `key` is that of the failed job.

    `fault` is one of `zip_faults`, `member` the file in the wheel that has it.
    """

    def __init__(self, fault: str, member: str, key: Any) -> None:
        super().__init__()
        self.fault = fault
        self.member = member
        self.key = key


def cpu_count() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _QueuedJob(NamedTuple):
    """A job that waits for a worker; the heaviest is the smallest, the older of equal ones."""

    negative_weight: int
    number: int
    job: Job
    results: Results
    key: Any


class WorkerPool:
    """Up to `size` worker processes of the interpreter `executable`; a context manager.

    Workers start with `start` or the first job, and only as many as there is work for. Leaving
    the with block ends them, even in the middle of a job.
    """

    def __init__(self, executable: str, size: int | None = None) -> None:
        self.executable = executable
        self.size = size or cpu_count()
        self._waiting: list[_QueuedJob] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._processes: list[Popen[bytes]] = []
        self._idle = 0
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start all workers now, so that they are ready for the first job."""
        with self._changed:
            while len(self._processes) < self.size:
                self._start_worker()

    def batch(self) -> Batch:
        """Return a new batch of jobs, whose results are collected together."""
        return Batch(self)

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            self._refuse_jobs(_CLOSED)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._processes.clear()

    def submit(self, key: object, job: Job, weight: int, results: Results) -> None:
        """Queue `job` before all lighter ones; put ``(key, answer)`` into `results`."""
        with self._changed:
            if self._closed:
                raise WorkerFailedError(_CLOSED)
            queued = _QueuedJob(-weight, next(self._numbers), job, results, key)
            heapq.heappush(self._waiting, queued)
            if not self._idle and len(self._processes) < self.size:
                self._start_worker()
            self._changed.notify()

    def withdraw(self, results: Results) -> int:
        """Drop queued jobs whose answers would go to `results`; return their number."""
        with self._changed:
            left = [queued for queued in self._waiting if queued.results is not results]
            dropped = len(self._waiting) - len(left)
            self._waiting = left
            heapq.heapify(self._waiting)
        return dropped

    def _start_worker(self) -> None:
        from subprocess import PIPE, Popen

        process = Popen(
            [self.executable, "-I", "-S", _SCRIPT],
            stdin=PIPE,
            stdout=PIPE,
            bufsize=0,
            close_fds=os.name == "nt",
        )
        self._processes.append(process)
        self._idle += 1
        threading.Thread(target=self._serve, args=(process,), daemon=True).start()

    def _serve(self, process: Popen[bytes]) -> None:
        """Send jobs to one worker until the pool closes or the worker dies."""
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                queued = heapq.heappop(self._waiting)
                self._idle -= 1
            try:
                answer = _answer_of(process, queued.job)
            except (OSError, EOFError, ValueError) as error:
                reason = str(error) or "it ended in the middle of a job"
                queued.results.put((queued.key, WorkerFailed(reason)))
                with self._changed:
                    self._refuse_jobs("another worker died")
                return
            queued.results.put((queued.key, answer))
            with self._changed:
                self._idle += 1

    def _refuse_jobs(self, why: str) -> None:
        """Fail the jobs that wait for a worker, and those to come."""
        self._closed = True
        for queued in self._waiting:
            queued.results.put((queued.key, WorkerFailed(why)))
        self._waiting.clear()
        self._changed.notify_all()


class Batch:
    """Jobs that belong together; results come in order of completion."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._results: Results = SimpleQueue()
        self._open = 0

    def add(self, key: object, job: Job, weight: int) -> None:
        """Queue a job; `weight` is its approximate duration in any unit."""
        self._pool.submit(key, job, weight, self._results)
        self._open += 1

    def ready(self) -> Iterator[tuple[Any, Result]]:
        """Yield the available results with their keys.

        Raises OSError, UnreadableWheelError or WorkerFailedError for a failed job.
        """
        while self._open:
            try:
                key, answer = self._results.get_nowait()
            except Empty:
                return
            self._open -= 1
            yield key, _result(key, answer)

    def all(self) -> Iterator[tuple[Any, Result]]:
        """Yield the results of all jobs like `ready`, waiting for each."""
        while self._open:
            try:
                key, answer = self._results.get(timeout=_INTERVAL)
            except Empty:
                continue
            self._open -= 1
            yield key, _result(key, answer)

    def settle(self) -> None:
        """Drop queued jobs, and wait until none of these jobs is running."""
        self._open -= self._pool.withdraw(self._results)
        while self._open:
            self._results.get()
            self._open -= 1


def _answer_of(process: Popen[bytes], job: Job) -> Answer:
    """Send a job to a worker and return its answer. Raises OSError, EOFError, ValueError."""
    assert process.stdin is not None
    assert process.stdout is not None
    _send(process.stdin.fileno(), encoded(job))
    head = _receive(process.stdout.fileno(), 4)
    return answer_in(_receive(process.stdout.fileno(), length(head)))


def _send(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _receive(handle: int, size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(handle, size)
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _result(key: object, answer: Answer) -> Result:
    match answer:
        case SystemFailed(number, reason, ""):
            raise OSError(number, reason)
        case SystemFailed(number, reason, path):
            raise OSError(number, reason, path)
        case WheelUnreadable(fault, member):
            raise UnreadableWheelError(fault, member, key)
        case WorkerFailed(reason):
            raise WorkerFailedError(reason)
        case result:
            return result
