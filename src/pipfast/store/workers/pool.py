"""The worker processes: started early, given the largest job first, gone when the run is over."""

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
"""The name of one of the worker's functions and its arguments, all of kinds that marshal knows."""

_SCRIPT = str(Path(__file__).with_name("worker.py"))
_PATIENCE = 0.2  # seconds between two looks for Ctrl-C where waiting cannot be interrupted


class WorkerFailedError(OwnFault):
    """A worker process died or did what it never should."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A worker process failed: {why}")


class BadWheelError(PipfastError):
    """A file that is called a wheel cannot be read as one; `key` is that of the failed job."""

    def __init__(self, why: str, key: Any) -> None:
        super().__init__(why)
        self.key = key


def cpu_count() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workshop:
    """Up to `size` worker processes of the interpreter `executable`; use it in a with statement.

    Workers start when `start` is called or with the first job, and only as many as there is work
    for. Whatever ends the with block ends them, in the middle of a job if need be.
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
        """Start all workers now, so that they are ready when the first job comes."""
        with self._changed:
            while len(self._processes) < self.size:
                self._hire()

    def batch(self) -> Batch:
        """A new set of jobs whose results come back together."""
        return Batch(self)

    def close(self) -> None:
        """End all workers, whatever they do."""
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
        """Put `job` in line, before all that weigh less; ``(key, answer)`` goes to `results`."""
        with self._changed:
            if self._closed:
                raise WorkerFailedError("the workers were sent home")
            heapq.heappush(self._waiting, (-weight, next(self._order), job, results, key))
            if not self._idle and len(self._processes) < self.size:
                self._hire()
            self._changed.notify()

    def withdraw(self, results: SimpleQueue[Any]) -> int:
        """Drop the jobs whose answers would go to `results` and that nobody has begun; how many."""
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
        """Hand jobs to one worker until the workshop closes or the worker dies."""
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
        """A worker died: nobody may wait for what would have come after it."""
        with self._changed:
            self._send_home("another worker died")

    def _send_home(self, why: str) -> None:
        self._closed = True
        for _, _, _, results, key in self._waiting:
            results.put((key, ("dead", why)))
        self._waiting.clear()
        self._changed.notify_all()


class Batch:
    """Jobs that belong together; their results come in the order they are done."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._results: SimpleQueue[Any] = SimpleQueue()
        self._open = 0

    def add(self, key: object, job: Job, weight: int) -> None:
        """Give a job; `weight` is about how long it takes, in any unit."""
        self._workshop.submit(key, job, weight, self._results)
        self._open += 1

    def ready(self) -> Iterator[tuple[Any, Any]]:
        """The results that are there: key and what the job answered.

        Raises OSError, BadWheelError or WorkerFailedError for a job that failed.
        """
        while self._open:
            try:
                key, answer = self._results.get_nowait()
            except Empty:
                return
            self._open -= 1
            yield key, _value(key, answer)

    def all(self) -> Iterator[tuple[Any, Any]]:
        """The results of all jobs given, as `ready` has them, waiting for each."""
        while self._open:
            try:
                key, answer = self._results.get(timeout=_PATIENCE)
            except Empty:
                continue
            self._open -= 1
            yield key, _value(key, answer)

    def settle(self) -> None:
        """Drop what nobody has begun, and wait until nobody is at any of these jobs."""
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
            raise BadWheelError(why, key)
        case (_, why):
            raise WorkerFailedError(str(why))
        case _:
            raise WorkerFailedError("it answered nonsense")
