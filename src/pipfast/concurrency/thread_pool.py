"""A thread pool that runs each keyed task once; a caller can run a task that no thread started."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from contextvars import Context
    from typing import Any, TypeVar

    T = TypeVar("T")

NETWORK_THREADS = 24
"""Default number of threads, for tasks that mostly wait for a server."""


class Postponed(BaseException):
    """A task must not go on ahead of time: it waits until the run itself needs its result."""


_HERE = threading.local()


def is_ahead() -> bool:
    """Return whether this thread works ahead of the run, in an order that is left to chance.

    Whatever the user would notice, such as a question, has to wait (`Postponed`).
    """
    return getattr(_HERE, "is_ahead", False)


class _Task:
    """A task and its outcome. The thread that acquires `claim` runs it.

    `stopped` is set when it has ended, and while it is postponed and nobody has claimed it again.
    """

    __slots__ = ("claim", "error", "is_done", "is_postponed", "run", "stopped", "then", "value")

    def __init__(self, run: Callable[[], Any]) -> None:
        self.run = run
        self.then: Callable[[Any], object] | None = None
        self.claim = threading.Lock()
        self.stopped = threading.Event()
        self.is_done = False
        self.is_postponed = False
        self.value: Any = None
        self.error: BaseException | None = None

    def run_if_unclaimed(self) -> bool:
        """Run the task unless another thread has claimed it. Return whether it ran here.

        Raises Postponed in a thread that works ahead; the task can then be claimed again.
        """
        if not self.claim.acquire(blocking=False):
            return False
        self.stopped.clear()
        try:
            self.value = self.run()
        except Postponed:
            self.is_postponed = True
            self.stopped.set()
            self.claim.release()
            raise
        except BaseException as error:  # noqa: BLE001 - `result` raises it in the caller's thread
            self.error = error
        self.is_done = True
        self.stopped.set()
        return True

    def wait(self) -> None:
        """Run the task here if no thread has started it, else wait until it is done."""
        while not self.is_done and not self.run_if_unclaimed():
            self.stopped.wait()

    def follow_up(self) -> None:
        """Call `then` with the value of a task that succeeded."""
        if self.then is not None and self.error is None:
            self.then(self.value)


class ThreadPool:
    """A pool of daemon threads that are started as tasks are submitted.

    `result` runs a task in the calling thread if no pool thread has started it. So no caller waits
    for a free thread, and a run that only reads cached results starts no thread. Where the system
    allows no thread, the callers run all tasks.

    With `context`, each submitted task runs in a copy of that context (PEP 567).

    A task that raises Postponed in a thread of a pool runs again in the thread that needs its
    result, unless that works ahead itself. It must therefore be repeatable up to that point.
    """

    def __init__(self, threads: int = NETWORK_THREADS, context: Context | None = None) -> None:
        self._max_threads = threads
        self._context = context
        self._idle = 0
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()
        self._tasks: dict[Hashable, _Task] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(
        self, key: Hashable, run: Callable[[], T], then: Callable[[T], object] | None = None
    ) -> bool:
        """Queue `run` as the task of `key`. Return False if `key` has a task already.

        After the task has succeeded, a thread of the pool calls `then` with its result.
        """
        if self._context is not None:
            context = self._context.copy()
            task, is_new = self._task(key, lambda: context.run(run))
        else:
            task, is_new = self._task(key, run)
        if is_new:
            task.then = then
            self._start_thread_if_needed()
            self._queue.put(task)
        return is_new

    def result(self, key: Hashable, run: Callable[[], T]) -> T:
        """Return the result of the task of `key`, which is `run` if none was submitted.

        A task that no thread has started runs in the calling thread. Raises what the task raised.
        """
        task, _ = self._task(key, run)
        self._wait(task)
        if task.error is not None:
            raise task.error
        value: T = task.value
        return value

    def __contains__(self, key: Hashable) -> bool:
        """Return whether `key` has a task."""
        return key in self._tasks

    def is_done(self, key: Hashable) -> bool:
        """Return whether the task of `key` has ended, so that `result` does not wait."""
        task = self._tasks.get(key)
        return task is not None and task.is_done

    def set_result(self, key: Hashable, value: object) -> None:
        """Record `value` as the result of `key` unless it has a task."""
        task, is_new = self._task(key, lambda: value)
        if is_new:
            task.run_if_unclaimed()

    def succeeded(self, key: Hashable) -> bool:
        """Wait for the task of `key` and return whether it raised no Exception.

        Raises KeyboardInterrupt and other exceptions that end the run.
        """
        task = self._tasks[key]
        self._wait(task)
        if task.error is not None and not isinstance(task.error, Exception):
            raise task.error
        return task.error is None

    def discard(self, key: Hashable) -> None:
        """Forget the task of `key`; the next request for `key` runs a new one."""
        with self._lock:
            self._tasks.pop(key, None)

    def run_queued_if_alone(self) -> None:
        """Run the task that was queued first in this thread, if the pool has no thread."""
        if not self._threads and not self._queue.empty():
            task = self._queue.get()
            if task is not None and task.run_if_unclaimed():
                task.follow_up()

    def close(self) -> None:
        """End each thread after its current task; queued tasks do not start. Does not wait."""
        self._closed = True
        for _ in self._threads:
            self._queue.put(None)

    def join(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for the threads of a closed pool to end."""
        deadline = monotonic() + timeout
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - monotonic()))

    def _wait(self, task: _Task) -> None:
        task.wait()
        if task.is_postponed and task.then is not None:
            task.is_postponed = False
            self._queue.put(task)  # a thread of the pool calls `then`

    def _task(self, key: Hashable, run: Callable[[], object]) -> tuple[_Task, bool]:
        """Return the task of `key` and whether it was made from `run` now."""
        with self._lock:
            task = self._tasks.get(key)
            if task is not None:
                return task, False
            task = self._tasks[key] = _Task(run)
            return task, True

    def _start_thread_if_needed(self) -> None:
        with self._lock:
            if self._idle > self._queue.qsize() or len(self._threads) >= self._max_threads:
                return
            thread = threading.Thread(target=self._serve, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system allows no more
                self._max_threads = len(self._threads)
                return
            self._threads.append(thread)  # after the start: `join` may run at any moment

    def _serve(self) -> None:
        _HERE.is_ahead = True
        while True:
            with self._lock:
                self._idle += 1
            task = self._queue.get()
            with self._lock:
                self._idle -= 1
            if task is None or self._closed:
                return
            with suppress(Postponed):
                if task.run_if_unclaimed():
                    task.follow_up()
                elif task.then is not None:
                    task.wait()  # a caller of `result` is running it
                    task.follow_up()
