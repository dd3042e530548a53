"""The cost of a command: wall time, processor time, and memory of its largest process."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor time in seconds, and the peak resident memory of any process in MB."""

    wall: float
    cpu: float
    memory: float


@dataclass(eq=False)  # not frozen, because Python assigns __traceback__
class Failure(Exception):
    """A measured command failed."""

    command: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        return f"{' '.join(self.command)}\n{self.output[-4000:]}"


def cost(command: Sequence[str], environ: Mapping[str, str], output: Path) -> Cost:
    """Run the command with its output in the file `output`; raise Failure unless it exits with 0.

    wait4 counts all descendants that were waited for. Memory is that of the largest, not the
    sum.
    """
    with output.open("wb") as stream:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environ), stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failure(tuple(command), output.read_text(errors="replace"))
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
        statistics.median(each.memory for each in costs),
    )
