"""Clean up after a run that was killed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.workers import process_tree

if TYPE_CHECKING:
    from subprocess import Popen

_SCRIPT = """\
families=
while read -r sign what; do
    case $sign in
    /) set -- "$@" "$what" ;;
    +) families="$families $what" ;;
    -) rest=
       for one in $families; do [ "$one" = "$what" ] || rest="$rest $one"; done
       families=$rest ;;
    esac
done
exec "$@" -- $families
"""
"""A shell starts in a millisecond; it only becomes a Python when our end of its pipe closes."""


class Watchdog:
    """A process that ends process trees and removes folders when this process is gone.

    `patterns` are `glob` patterns of paths to remove. Without a shell (on Windows) it does
    nothing.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._process = self._started(patterns)

    def folder(self, pattern: str) -> None:
        """Add a pattern of paths to remove."""
        self._send("/", pattern)

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Register a process whose tree is to be ended, during the block."""
        self._send("+", str(pid))
        try:
            yield
        finally:
            self._send("-", str(pid))

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def _started(self, patterns: Sequence[str]) -> Popen[bytes] | None:
        from subprocess import DEVNULL, PIPE, Popen

        if os.name != "posix":
            return None
        script = [sys.executable, "-I", "-S", process_tree.__file__]
        words = ["/bin/sh", "-c", _SCRIPT, "sh", *script, *patterns]
        with suppress(OSError):
            return Popen(
                words,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        return None

    def _send(self, sign: str, what: str) -> None:
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.write(f"{sign} {what}\n".encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """A working folder, and the watchdog that cleans it up if this process is killed."""

    folder: Path
    keeper: Watchdog | None = None
