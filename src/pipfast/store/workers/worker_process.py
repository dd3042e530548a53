"""A worker process as seen by the main process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.concurrency.interrupts import NUMBERS
from pipfast.store.workers.protocol import answer_in, encoded, length

if TYPE_CHECKING:
    from pipfast.store.workers.protocol import Answer, Job

_SCRIPT = str(Path(__file__).with_name("worker.py"))
_PATIENCE = 1.0  # seconds that the thread of a killed worker gets to notice it
_NEW_GROUP = 0x200  # CREATE_NEW_PROCESS_GROUP of Windows: a Ctrl-C does not reach the process


class WorkerProcess:
    """A worker, started by the interpreter `executable`. Raises OSError if it cannot be.

    It never gets the signals that end a run: they reach a whole process group, and a worker that
    died of one would be taken for a failure. It ends when it is killed or its input is closed.
    """

    thread: threading.Thread | None = None
    """The thread that sends it jobs."""

    def __init__(self, executable: str) -> None:
        from subprocess import PIPE, Popen

        with _signals_blocked():
            self._process = Popen(
                [executable, "-I", "-S", _SCRIPT, str(os.getpid())],
                stdin=PIPE,
                stdout=PIPE,
                bufsize=0,
                close_fds=os.name == "nt",
                creationflags=_NEW_GROUP if os.name == "nt" else 0,
            )
        self.is_alive = True

    def answer(self, job: Job) -> Answer:
        """Send it a job and return the answer.

        After an OSError, EOFError or ValueError it is no longer alive.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            _send(self._process.stdin.fileno(), encoded(job))
            head = _receive(self._process.stdout.fileno(), 4)
            return answer_in(_receive(self._process.stdout.fileno(), length(head)))
        except (OSError, EOFError, ValueError):
            self.is_alive = False
            raise

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of the killed process and of its thread, and close its pipes."""
        self._process.wait()
        if self.thread is not None and self.thread.ident is not None:
            self.thread.join(_PATIENCE)
            if self.thread.is_alive():
                return  # it may be about to use the pipes
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Block the signals that end a run in this thread, and in processes that it starts.

    The caller holds signals back, so that no handler raises anything here.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, NUMBERS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
