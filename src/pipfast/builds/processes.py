"""Runs programs for builds: output heard line by line, the whole family ended when the run is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from typing import IO

from pipfast.errors import Interrupted
from pipfast.store.workers.process_tree import end_families
from pipfast.store.workers.watchdog import Keeper

Hear = Callable[[str], None]
"""Takes a line that a program has said, without its end."""


class Children:
    """The processes at work; after `close` there are none, and no new one is let in.

    The `keeper` ends them if this process can not.
    """

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._lock = threading.Lock()
        self._alive: set[int] = set()
        self._closed = False
        self._keeper = keeper

    @contextmanager
    def looking_after(self, pid: int) -> Iterator[None]:
        """Know a process while the block runs; end it if that ends by an exception, Ctrl-C too.

        It goes with all that it has started. Raises Interrupted where all were sent home meanwhile.
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
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
            alive = list(self._alive)
        if alive:
            end_families(alive)


def run(
    words: Sequence[str],
    folder: str | None,
    variables: Mapping[str, str],
    hear: Hear,
    children: Children,
) -> int:
    """Run a program in `folder` with `variables` over ours; its exit code, negative for a signal.

    Standard output and standard error are heard as one; there is nothing to read on its input. It
    is the head of a session, so that all that it starts can be ended with it. Raises OSError where
    it cannot be started.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    process = Popen(
        words,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=os.name == "posix",
    )
    assert process.stdout is not None
    with process, children.looking_after(process.pid):
        hear_all(process.stdout, hear)
        return process.wait()


def hear_all(stream: IO[bytes], hear: Hear) -> None:
    """Hear every line of `stream` until all who could write to it are gone.

    Bytes that the locale's encoding does not know are shown as escapes (pip behaviour).
    """
    with TextIOWrapper(stream, encoding="locale", errors="backslashreplace") as lines:
        for line in lines:
            hear(line.rstrip())
