"""Send signals to complete runs at random moments: ``python -m compat.faults signals``."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from compat.faults.campaign import new_sandbox
from compat.faults.forked import Ended
from compat.faults.modes import MODES, Prepared, prepared
from compat.faults.sandbox import Sandbox
from compat.faults.shim import Signal
from compat.faults.verdict import (
    judged_ending,
    judged_leftovers,
    judged_next,
    judged_signal,
    judged_success,
    plain,
    sequel,
)

_MODES = ("install-cold", "install-warm", "upgrade-cold", "upgrade-warm", "uninstall", "build")
_MODULES = 40

_OWN_FRAME = re.compile(r'File "[^"]*/pipfast/(?!__main__\.py)')

LIMIT = 0.5
"""Seconds within which 99 % of the signals are to be answered."""

_AGAIN = 5
"""The same command is run again after each fifth run only, since that doubles the time."""


@dataclass(slots=True)
class Moment:
    """Sends a signal after a while, if the run has not ended; `sent` is when.

    `used` are the processor seconds that the run had used by then. A signal that comes while the
    interpreter starts and handles none yet is not sent.
    """

    number: int
    delay: float
    alone: bool
    sent: float | None = None
    used: float = 0.0

    def __call__(self, pid: int) -> None:
        """Wait, and send the signal to the process alone or to its group, as a terminal does."""
        handle = os.pidfd_open(pid)
        try:
            import select

            if select.select([handle], [], [], self.delay)[0]:
                return
        finally:
            os.close(handle)
        with suppress(ProcessLookupError, FileNotFoundError):
            if not _handles(pid, signal.SIGINT):
                return
            self.used = _used(pid)
            self.sent = time.monotonic()
            if self.alone:
                os.kill(pid, self.number)
            else:
                os.killpg(pid, self.number)


def _handles(pid: int, number: int) -> bool:
    """Return whether a process has become pipfast's interpreter and has a handler for a signal."""
    if b"\0-m\0pipfast\0" not in Path(f"/proc/{pid}/cmdline").read_bytes():
        return False
    text = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in text.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _used(pid: int) -> float:
    """Return the processor seconds of a process and all its threads."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


@dataclass(slots=True)
class Answers:
    """How the runs of one mode reacted to signals.

    From the signal to the end, `times` are seconds and `used` processor seconds, which do not
    depend on other programs.
    """

    runs: int = 0
    times: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    cancelled: int = 0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the figures."""
        return (
            f"{self.runs} runs, {len(self.times)} hit, {self.cancelled} cancelled, answered in "
            f"{_spread(self.times)}, with {_spread(self.used)} of processor time, "
            f"{len(self.problems)} problems"
        )


def _spread(values: Sequence[float]) -> str:
    ranked = sorted(values) or [0.0]
    at = min(len(ranked) - 1, len(ranked) * 99 // 100)
    within = sum(seconds <= LIMIT for seconds in values)
    return (
        f"{ranked[len(ranked) // 2]:.3f} s (median), {ranked[at]:.3f} s (99 %), "
        f"{ranked[-1]:.3f} s (all), {within} within {LIMIT} s"
    )


def signals(runs: int, numbers: Sequence[signal.Signals], seed: int) -> int:
    """Send each signal `runs` times; print the figures and return the number of problems."""
    chance = random.Random(seed)
    problems = 0
    with new_sandbox(_MODULES) as sandbox:
        ready = {name: prepared(sandbox, MODES[name]) for name in _MODES}
        lengths = {name: _length(sandbox, one) for name, one in ready.items()}
        for number in numbers:
            found: defaultdict[str, Answers] = defaultdict(Answers)
            for run in range(runs):
                name = _MODES[run % len(_MODES)]
                delay = chance.uniform(0.0, lengths[name])
                moment = Moment(number, delay, alone=run // len(_MODES) % 2 == 0)
                _send(sandbox, ready[name], moment, (found[name], found["all"]))
            load = ", ".join(f"{part:.0f}" for part in os.getloadavg())
            print(f"{number.name}: {os.cpu_count()} processors, load {load}")
            for name, answers in found.items():
                print(f"{number.name} {name}: {answers.line()}", flush=True)
            for text in found["all"].problems:
                print(f"  {text}")
            problems += len(found["all"].problems)
    return problems


def _length(sandbox: Sandbox, one: Prepared) -> float:
    sandbox.reset(one.mode.name)
    return sandbox.run_whole(one.mode.words, lambda _: None).seconds


def _send(sandbox: Sandbox, one: Prepared, moment: Moment, sums: tuple[Answers, ...]) -> None:
    sandbox.reset(one.mode.name)
    first = sandbox.run_whole(one.mode.words, moment)
    for each in sums:
        each.runs += 1
    if moment.sent is None:
        return
    fault, state, forgiven = Signal(moment.number), sandbox.tree(), _forgiven(first)
    problems = [*judged_ending(forgiven), *judged_success(one, first, state)]
    problems += judged_signal(one, fault, forgiven, state)
    later = sequel(sandbox, one, again=sums[-1].runs % _AGAIN == 0)
    problems += [*judged_next(one, later, fault, first), *later.again]
    problems += judged_leftovers(one, later, fault)
    for each in sums:
        each.times.append(first.end - moment.sent)
        each.used.append(max(0.0, first.used - moment.used))
        each.cancelled += first.code != 0
        each.problems += [
            f"{one.mode.name} after {moment.delay:.3f} s, alone={moment.alone}: {kind}: "
            f"{plain(text)}"
            for kind, text in problems
        ]


def _forgiven(ended: Ended) -> Ended:
    """Return a result without the traceback of an interpreter that was still starting."""
    is_entering = "from pipfast.main import run" in ended.errors
    is_starting = is_entering or not _OWN_FRAME.search(ended.errors)
    if "Traceback" in ended.errors and is_starting:
        return Ended(1, "", "cancelled", ended.seconds, ended.end, ended.hangs, ended.left)
    return ended
