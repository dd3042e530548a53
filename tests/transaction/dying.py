"""Upgrades whose process is killed at its N-th call that changes the disk, and ways back.

Each runs in a fork of the test, so that hundreds of moments take seconds.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

CALLS = ("rename", "mkdir", "rmdir", "unlink", "write", "fsync", "ftruncate", "link", "open")
"""Functions of `os` that are counted. Of a write that is killed, the first half happens."""


class Counter:
    """Counts the calls, and calls `act` at number `at`."""

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.at = at
        self.act = act
        self.count = 0

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._counting(name, getattr(os, name)))

    def _counting(self, name: str, function: Any) -> Any:
        def counted(*arguments: Any, **named: Any) -> Any:
            if name == "open" and not arguments[1] & (os.O_CREAT | os.O_TRUNC):
                return function(*arguments, **named)
            self.count += 1
            if name == "fsync" and self.count != self.at:
                return None  # a killed process loses nothing that it has written
            if self.count == self.at:
                if name == "write":
                    function(arguments[0], arguments[1][: len(arguments[1]) // 2])
                self.act()
            return function(*arguments, **named)

        return counted


def die() -> None:
    """End this process like ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(run: Callable[[], object], at: int, act: Callable[[], None] = die) -> int:
    """Run `run` in a fork that calls `act` at its call number `at`.

    Return the number of calls if the fork ended by itself, -1 if it was killed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        counter = Counter(at, act)
        write, exit_now = os.write, os._exit
        counter.install()
        with suppress(BaseException):  # the environment is what counts
            run()
        write(writer, str(counter.count).encode())
        exit_now(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return -1 if os.WIFSIGNALED(status) else int(text)


def restore(saved: Path, folder: Path) -> None:
    """Make `folder` a copy of `saved`, with times and links."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(saved, folder, symlinks=True)
