"""A pool of worker processes, which start early and run the largest jobs first."""

from __future__ import annotations

import heapq
import marshal
import os
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pipfast.errors import OwnFault, PipfastError

if TYPE_CHECKING:
    from subprocess import Popen
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

Job = tuple[Any, ...]
"""The name of a worker's function and its arguments, all serialisable with marshal."""

_SCRIPT = str(Path(__file__).with_name("worker.py"))
_PATIENCE = 0.2  # seconds between checks for SIGINT where waiting cannot be interrupted


class WorkerFailedError(OwnFault):
    """A worker process died or violated the protocol."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A worker process failed: {why}")


class UnreadableWheelError(PipfastError):
    """A file is not a readable wheel; `key` is that of the failed job."""

    def __init__(self, why: str, key: Any) -> None:
        super().__init__(why)
        self.key = key


def cpu_count() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerPool:
    """Up to `size` worker processes of the interpreter `executable`; a context manager.

    Workers start with `start` or the first job, and only as many as there is work for. Leaving
    the with block ends them, even in the middle of a job.
    """

    def __init__(self, executable: str, size: int | None = None) -> None:
        self.executable = executable
        self.size = size or cpu_count()
        self._waiting: list[tuple[int, int, Job, SimpleQueue[Any], Any]] = []
        self._order = count()
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
                self._hire()

    def batch(self) -> Batch:
        """Return a new batch of jobs, whose results are collected together."""
        return Batch(self)

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            self._send_home("the workers were sent home")
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._processes.clear()

    def submit(self, key: object, job: Job, weight: int, results: SimpleQueue[Any]) -> None:
        """Queue `job` before all lighter ones; put ``(key, answer)`` into `results`."""
        with self._changed:
            if self._closed:
                raise WorkerFailedError("the workers were sent home")
            heapq.heappush(self._waiting, (-weight, next(self._order), job, results, key))
            if not self._idle and len(self._processes) < self.size:
                self._hire()
            self._changed.notify()

    def withdraw(self, results: SimpleQueue[Any]) -> int:
        """Drop queued jobs whose answers would go to `results`; return their number."""
        with self._changed:
            left = [job for job in self._waiting if job[3] is not results]
            dropped = len(self._waiting) - len(left)
            self._waiting = left
            heapq.heapify(self._waiting)
        return dropped

    def _hire(self) -> None:
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
        threading.Thread(target=self._attend, args=(process,), daemon=True).start()

    def _attend(self, process: Popen[bytes]) -> None:
        """Send jobs to one worker until the pool closes or the worker dies."""
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                _, _, job, results, key = heapq.heappop(self._waiting)
                self._idle -= 1
            answer = _ask(process, job)
            results.put((key, answer))
            if answer[0] == "dead":
                self._mourn()
                return
            with self._changed:
                self._idle += 1

    def _mourn(self) -> None:
        """Fail all jobs that wait for a worker that died."""
        with self._changed:
            self._send_home("another worker died")

    def _send_home(self, why: str) -> None:
        self._closed = True
        for _, _, _, results, key in self._waiting:
            results.put((key, ("dead", why)))
        self._waiting.clear()
        self._changed.notify_all()


class Batch:
    """Jobs that belong together; results come in order of completion."""

    def __init__(self, workshop: WorkerPool) -> None:
        self._workshop = workshop
        self._results: SimpleQueue[Any] = SimpleQueue()
        self._open = 0

    def add(self, key: object, job: Job, weight: int) -> None:
        """Queue a job; `weight` is its approximate duration in any unit."""
        self._workshop.submit(key, job, weight, self._results)
        self._open += 1

    def ready(self) -> Iterator[tuple[Any, Any]]:
        """Yield the available results: key and answer.

        Raises OSError, UnreadableWheelError or WorkerFailedError for a failed job.
        """
        while self._open:
            try:
                key, answer = self._results.get_nowait()
            except Empty:
                return
            self._open -= 1
            yield key, _value(key, answer)

    def all(self) -> Iterator[tuple[Any, Any]]:
        """Yield the results of all jobs like `ready`, waiting for each."""
        while self._open:
            try:
                key, answer = self._results.get(timeout=_PATIENCE)
            except Empty:
                continue
            self._open -= 1
            yield key, _value(key, answer)

    def settle(self) -> None:
        """Drop queued jobs, and wait until none of these jobs is running."""
        self._open -= self._workshop.withdraw(self._results)
        while self._open:
            self._results.get()
            self._open -= 1


def _ask(process: Popen[bytes], job: Job) -> tuple[Any, ...]:
    assert process.stdin is not None
    assert process.stdout is not None
    request = marshal.dumps(job, 4)
    try:
        _send(process.stdin.fileno(), len(request).to_bytes(4, "little") + request)
        head = _receive(process.stdout.fileno(), 4)
        answer: tuple[Any, ...] = marshal.loads(  # noqa: S302 - our own worker wrote it
            _receive(process.stdout.fileno(), int.from_bytes(head, "little"))
        )
    except (OSError, EOFError, ValueError) as error:
        return ("dead", str(error) or "it ended in the middle of a job")
    return answer


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


def _value(key: object, answer: tuple[Any, ...]) -> Any:
    match answer:
        case ("done", value):
            return value
        case ("os", number, why, ""):
            raise OSError(number, why)
        case ("os", number, why, name):
            raise OSError(number, why, name)
        case ("wheel", why):
            raise UnreadableWheelError(why, key)
        case (_, why):
            raise WorkerFailedError(str(why))
        case _:
            raise WorkerFailedError("it answered nonsense")
