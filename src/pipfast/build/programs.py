"""Runs programs for builds: output heard line by line, the whole family ended when the run is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import IO, Protocol

from pipfast.build.families import end_family
from pipfast.errors import Interrupted

Hear = Callable[[str], None]
"""Takes a line that a program has said, without its end."""


class Child(Protocol):
    """A process that was started and may have to be ended."""

    def kill(self) -> None:
        """End it and all that it has started, at once; nothing happens if it is over."""
        ...


class Children:
    """The processes at work; after `close` there are none, and no new one is let in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alive: set[Child] = set()
        self._closed = False

    @contextmanager
    def looking_after(self, child: Child) -> Iterator[None]:
        """Keep `child` while the block runs; kill it if that ends by an exception, Ctrl-C too.

        Raises Interrupted where all were sent home meanwhile.
        """
        with self._lock:
            closed = self._closed
            self._alive.add(child)
        try:
            if closed:
                raise Interrupted
            yield
            if self._closed:
                raise Interrupted
        except BaseException:
            child.kill()
            raise
        finally:
            with self._lock:
                self._alive.discard(child)

    def close(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
            alive = list(self._alive)
        for child in alive:
            child.kill()


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
    with process, children.looking_after(_Family(process.pid, process.kill)):
        hear_all(process.stdout, hear)
        return process.wait()


def hear_all(stream: IO[bytes], hear: Hear) -> None:
    """Hear every line of `stream` until all who could write to it are gone.

    Bytes that the locale's encoding does not know are shown as escapes (pip behaviour).
    """
    with TextIOWrapper(stream, encoding="locale", errors="backslashreplace") as lines:
        for line in lines:
            hear(line.rstrip())


class _Family:
    """A process and its descendants, as far as they stay in its session."""

    def __init__(self, pid: int, alone: Callable[[], None]) -> None:
        self._pid = pid
        self._alone = alone

    def kill(self) -> None:
        """End them all."""
        end_family(self._pid)
        self._alone()
