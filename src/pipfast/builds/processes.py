"""Run subprocesses of builds: stream their output, end their whole process tree with the run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from typing import IO

from pipfast.errors import Interrupted
from pipfast.store.workers.process_tree import end_families
from pipfast.store.workers.watchdog import Watchdog

LineListener = Callable[[str], None]
"""Handles a line of output without its line ending."""


class ChildProcesses:
    """The running processes; after `close` there are none and no more can be started.

    The watchdog `keeper` ends them if this process cannot.
    """

    def __init__(self, keeper: Watchdog | None = None) -> None:
        self._lock = threading.Lock()
        self._alive: set[int] = set()
        self._closed = False
        self._keeper = keeper

    @contextmanager
    def registered(self, pid: int) -> Iterator[None]:
        """Register a process during the block; end its process tree if the block raises.

        Raises Interrupted if all processes were ended meanwhile.
        """
        with self._lock:
            closed = self._closed
            self._alive.add(pid)
        with self._keeper.watching(pid) if self._keeper else nullcontext():
            try:
                if closed:
                    raise Interrupted
                yield
                if self._closed:
                    raise Interrupted
            except BaseException:
                end_families([pid])
                raise
            finally:
                with self._lock:
                    self._alive.discard(pid)

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            alive = list(self._alive)
        if alive:
            end_families(alive)


def run(
    words: Sequence[str],
    folder: str | None,
    variables: Mapping[str, str],
    receive: LineListener,
    children: ChildProcesses,
) -> int:
    """Run a program in `folder` with additional `variables`; return its exit code.

    The code is negative for a signal. Standard output and error are merged; standard input is
    empty. The program leads a session, so that its whole process tree can be ended. Raises
    OSError if it cannot be started.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    process = Popen(
        words,
        cwd=folder,
        env={**inherited(), **variables},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=os.name == "posix",
    )
    assert process.stdout is not None
    with process, children.registered(process.pid):
        forward_lines(process.stdout, receive)
        return process.wait()


_SECRETS = ("PIPFAST_REMOTE_STORE_KEY", "PIPFAST_REMOTE_STORE_SIGNING_KEY")
"""Variables that code of a distribution has no use for."""


def inherited() -> dict[str, str]:
    """Return the variables of the user that builds get: all but secrets of ours."""
    return {name: value for name, value in os.environ.items() if name not in _SECRETS}


def forward_lines(stream: IO[bytes], receive: LineListener) -> None:
    """Pass on every line of `stream` until all writers have closed it.

    Bytes that are invalid in the locale's encoding become escapes (pip behaviour).
    """
    with TextIOWrapper(stream, encoding="locale", errors="backslashreplace") as lines:
        for line in lines:
            receive(line.rstrip())
