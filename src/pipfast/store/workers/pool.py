"""A pool of worker processes, which start early and run the largest jobs first."""

from __future__ import annotations

import heapq
import os
import threading
from collections.abc import Iterator
from itertools import count
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipfast.concurrency.interrupts import held
from pipfast.errors import OwnFault, PipfastError
from pipfast.store.workers.protocol import SystemFailed, WheelUnreadable, WorkerFailed
from pipfast.store.workers.worker_process import WorkerProcess

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

    from pipfast.store.workers.protocol import Answer, Job, Result

_INTERVAL = 0.1  # seconds between checks for signals where waiting cannot be interrupted
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
    batch: Batch
    key: Any


class WorkerPool:
    """Up to `size` worker processes of the interpreter `executable`; a context manager.

    Workers start with `start` or the first job, and only as many as there is work for. Leaving
    the with block ends them, even in the middle of a job. The main thread holds signals back while
    it has the lock or changes anything here; what is running is counted by threads that get none.
    """

    def __init__(self, executable: str, size: int | None = None) -> None:
        self.executable = executable
        self.size = size or cpu_count()
        self._waiting: list[_QueuedJob] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._workers: list[WorkerProcess] = []
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
        while len(self._workers) < self.size and not self._closed:
            with held(), self._changed:
                self._start_worker()

    def batch(self) -> Batch:
        """Return a new batch of jobs, whose results are collected together."""
        return Batch(self)

    def close(self) -> None:
        """End all workers."""
        with held():
            with self._changed:
                self._refuse_jobs(_CLOSED)
                workers, self._workers = self._workers, []
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.close()

    def submit(self, key: object, job: Job, weight: int, batch: Batch) -> None:
        """Queue `job` before all lighter ones; its answer goes to `batch` with `key`."""
        with held(), self._changed:
            if self._closed:
                raise WorkerFailedError(_CLOSED)
            queued = _QueuedJob(-weight, next(self._numbers), job, batch, key)
            if not self._idle and len(self._workers) < self.size:
                self._start_worker()
            alone = self._workers[0] if self._workers[0].thread is None else None
            if alone is None:
                heapq.heappush(self._waiting, queued)
                self._changed.notify_all()
        if alone is not None:
            batch.answers.put((key, _answer_of(alone, job)))

    def settle(self, batch: Batch) -> None:
        """Drop the queued jobs of `batch`, and wait until none of its jobs is running.

        If the run is ended by a signal, before or meanwhile, all workers are killed.
        """
        with held() as signals:
            with self._changed:
                self._waiting = [queued for queued in self._waiting if queued.batch is not batch]
                heapq.heapify(self._waiting)
            while self._is_running(batch):
                if signals.interrupted:
                    self.close()

    def _is_running(self, batch: Batch) -> bool:
        """Return whether a job of `batch` is running, after a while in which none may be."""
        with self._changed:
            if batch.running:
                self._changed.wait(_INTERVAL)
            return batch.running > 0

    def _start_worker(self) -> None:
        """Start a worker and its thread; if the system allows no more, those that run suffice.

        Raises OSError if there is none.
        """
        try:
            worker = WorkerProcess(self.executable)
        except BlockingIOError:
            if not self._workers:
                raise
            self.size = len(self._workers)
            return
        self._workers.append(worker)
        worker.thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
        try:
            worker.thread.start()
        except RuntimeError:
            self._go_without_thread(worker)
        else:
            self._idle += 1

    def _go_without_thread(self, worker: WorkerProcess) -> None:
        """Do without a worker, or, if it is the only one, send it jobs from the calling thread."""
        worker.thread = None
        if len(self._workers) > 1:
            self._workers.remove(worker)
            worker.kill()
            worker.close()
        self.size = len(self._workers)

    def _serve(self, worker: WorkerProcess) -> None:
        """Send jobs to one worker until the pool closes or the worker dies."""
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                queued = heapq.heappop(self._waiting)
                queued.batch.running += 1
                self._idle -= 1
            answer = _answer_of(worker, queued.job)
            has_died = isinstance(answer, WorkerFailed) and not worker.is_alive
            queued.batch.answers.put((queued.key, answer))
            with self._changed:
                queued.batch.running -= 1
                self._idle += 1
                if has_died:
                    self._refuse_jobs("another worker died")
                self._changed.notify_all()

    def _refuse_jobs(self, why: str) -> None:
        """Fail the jobs that wait for a worker, and those to come."""
        self._closed = True
        for queued in self._waiting:
            queued.batch.answers.put((queued.key, WorkerFailed(why)))
        self._waiting.clear()
        self._changed.notify_all()


class Batch:
    """Jobs that belong together; results come in order of completion. A context manager.

    After the with block none of the jobs is running. If a signal or a generator's end leaves it,
    the workers are killed, as nothing waits for any job then.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._open = 0
        self.answers: SimpleQueue[tuple[Any, Answer]] = SimpleQueue()
        self.running = 0
        """Jobs that workers are running; only the pool's threads change it, with its lock."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and not issubclass(kind, Exception):
            self._pool.close()
        self._pool.settle(self)

    def add(self, key: object, job: Job, weight: int) -> None:
        """Queue a job; `weight` is its approximate duration in any unit."""
        self._open += 1
        self._pool.submit(key, job, weight, self)

    def ready(self) -> Iterator[tuple[Any, Result]]:
        """Yield the available results with their keys.

        Raises OSError, UnreadableWheelError or WorkerFailedError for a failed job.
        """
        while self._open:
            try:
                key, answer = self.answers.get_nowait()
            except Empty:
                return
            self._open -= 1
            yield key, _result(key, answer)

    def all(self) -> Iterator[tuple[Any, Result]]:
        """Yield the results of all jobs like `ready`, waiting for each.

        An answer that is lost by an interrupt is not missed: nothing but this counts answers.
        """
        while self._open:
            try:
                key, answer = self.answers.get(timeout=_INTERVAL)
            except Empty:
                continue
            self._open -= 1
            yield key, _result(key, answer)


def _answer_of(worker: WorkerProcess, job: Job) -> Answer:
    try:
        return worker.answer(job)
    except (OSError, EOFError, ValueError) as error:
        return WorkerFailed(str(error) or "it ended in the middle of a job")


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
