"""Send signals to complete runs at random moments: ``python -m compat.faults signals``."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

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
_AGAIN = 5
"""The same command is run again after each fifth run only, since that doubles the time."""

_STARTED = 0.1
"""Seconds that Python takes to start. Until then Python handles signals, not pipfast."""


@dataclass(slots=True)
class Moment:
    """Sends a signal after a while, if the run has not ended; `sent` is when."""

    number: int
    delay: float
    alone: bool
    sent: float | None = None

    def __call__(self, pid: int) -> None:
        """Wait, and send the signal to the process alone or to its group, as a terminal does."""
        handle = os.pidfd_open(pid)
        try:
            import select

            if select.select([handle], [], [], self.delay)[0]:
                return
        finally:
            os.close(handle)
        self.sent = time.monotonic()
        with suppress(ProcessLookupError):
            if self.alone:
                os.kill(pid, self.number)
            else:
                os.killpg(pid, self.number)


@dataclass(slots=True)
class Answers:
    """How the runs of one mode reacted to signals."""

    runs: int = 0
    times: list[float] = field(default_factory=list)
    cancelled: int = 0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the figures."""
        times = sorted(self.times) or [0.0]
        at = min(len(times) - 1, len(times) * 99 // 100)
        within = sum(seconds <= 0.5 for seconds in times)
        return (
            f"{self.runs} runs, {len(self.times)} hit, {self.cancelled} cancelled, answered in "
            f"{times[len(times) // 2]:.3f} s (median), {times[at]:.3f} s (99 %), "
            f"{times[-1]:.3f} s (all), {within} within 0.5 s, {len(self.problems)} problems"
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
                delay = chance.uniform(_STARTED, lengths[name])
                moment = Moment(number, delay, alone=run // len(_MODES) % 2 == 0)
                _send(sandbox, ready[name], moment, (found[name], found["all"]))
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
        each.cancelled += first.code != 0
        each.problems += [
            f"{one.mode.name} after {moment.delay:.3f} s, alone={moment.alone}: {kind}: "
            f"{plain(text)}"
            for kind, text in problems
        ]


def _forgiven(ended: Ended) -> Ended:
    """Return a result without the traceback of an interpreter that was still starting."""
    is_starting = "pipfast" not in ended.errors or "from pipfast.main import run" in ended.errors
    if "Traceback" in ended.errors and is_starting:
        return Ended(1, "", "cancelled", ended.seconds, ended.end, ended.hangs, ended.left)
    return ended
