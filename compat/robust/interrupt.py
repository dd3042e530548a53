"""Interrupt installs at random moments: ``python -m compat.robust.interrupt --runs 50``.

An upgrade of several distributions is interrupted by Ctrl-C, SIGTERM, SIGHUP or kill -9,
alternately sent to the process group, and to the main process alone, and with a full and an empty
store. The run must end soon, without a traceback or a process that lives on. The next run, which
has nothing to install, must leave a complete environment, old or new, and repeating the upgrade
must lead to the new one.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compat.harness.scenario import Scenario, scenario
from compat.harness.tree import Tree, differences
from compat.harness.twin import House, Program, World
from compat.kit.index import Index, index
from compat.kit.server import IndexServer
from tests.kit.wheels import Wheel, wheel

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")
STARTED = 0.1  # seconds that Python itself takes to start, in which it answers signals
PARTS = 10
FILES = 60


def part(number: int, version: str) -> Wheel:
    """A distribution with many modules, one of which exists in one version only."""
    name = f"part{number}"
    files = {f"{name}/m{n}.py": f"VERSION = {version!r}\n\n\ndef f{n}():\n    return {n}\n" * 3
             for n in range(FILES)}  # fmt: skip
    files[f"{name}/__init__.py"] = ""
    files[f"{name}/only_{version.replace('.', '_')}.py"] = ""
    return wheel(name, version, files=files, scripts={name: f"{name}.m0:f0"})


def upgrade(cache: Path) -> Scenario:
    """The run that is interrupted."""
    old = tuple(part(number, "1.0") for number in range(PARTS))
    new = tuple(part(number, "2.0") for number in range(PARTS))
    names = " ".join(wheel.name for wheel in old)
    main: Index = index(*old, *new)
    environ = {"PIP_CACHE_DIR": str(cache), "PIP_TRUSTED_HOST": "127.0.0.1"}
    return scenario("upgrade", f"install -U {names}", main, before=old, environ=environ)


@dataclass(frozen=True, slots=True)
class Whole:
    """The two valid states of the environment, and how long the upgrade takes."""

    old: Tree
    new: Tree
    seconds: float


def heed_interrupts() -> None:
    """Restore the default SIGINT handler; background jobs of a shell ignore the signal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run ended after a signal: after how many seconds, and with which output.

    `left` are processes that still live a second later.
    """

    seconds: float
    output: str
    left: list[int]

    def fault(self, how: signal.Signals) -> str | None:
        """Return what was wrong, None if nothing was."""
        if self.seconds >= HANGS:
            return "it hangs"
        if self.left:
            return f"processes are left: {self.left}"
        if how is not signal.SIGKILL and "in <module>\n    run()" in self.output:
            return f"a traceback:\n{self.output}"
        return None


HANGS = 30.0
"""Seconds after which an interrupted run is taken for hanging."""


def answered(process: subprocess.Popen[bytes], how: signal.Signals, *, alone: bool) -> float:
    """Send a signal and return the seconds until the process has ended; kill it if it hangs."""
    begin = time.perf_counter()
    if alone:
        process.send_signal(how)
    else:
        os.killpg(process.pid, how)
    try:
        process.wait(HANGS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return time.perf_counter() - begin


def left_processes(session: int) -> list[int]:
    """Return the processes of a session that are still alive after a second (Linux)."""
    until = time.monotonic() + 1
    while (found := _processes(session)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _processes(session: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(int(path.parent.name))
    return found


class Trial:
    """Repeats the upgrade in one world."""

    def __init__(self, world: World, fresh: Path, tool: str) -> None:
        self.world = world
        self.fresh = fresh
        self.start = Program(tool).command(world)
        self.argv = list(world.scenario.steps[0])
        self.cache = Path(world.environ()["PIP_CACHE_DIR"])

    def tree(self) -> Tree:
        """Return the environment's content."""
        return {path: entry for path, entry in self.world.tree().items() if path[:4] == "env/"}

    def states(self) -> Whole:
        """Complete the upgrade twice; the second time with a warm store."""
        seconds = 0.0
        old: Tree = {}
        for _ in range(2):
            self.world.fill(self.fresh)
            old = self.tree()
            begin = time.perf_counter()
            ran = self.world.run([*self.start, *self.argv])
            seconds = time.perf_counter() - begin
            if ran.code:
                raise SystemExit(f"the upgrade itself fails:\n{ran.stdout}{ran.stderr}")
        return Whole(old, self.tree(), seconds)

    def interrupt(self, how: signal.Signals, delay: float, *, alone: bool) -> Answer | None:
        """Start the upgrade and interrupt it after `delay` seconds; None if it had ended.

        `alone` does not signal the program's children.
        """
        self.world.fill(self.fresh)
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                [*self.start, *self.argv],
                cwd=self.world.root / "work",
                env=self.world.environ(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=heed_interrupts,  # noqa: PLW1509 - it only sets a signal
            )
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                seconds = answered(process, how, alone=alone)
                output.seek(0)
                return Answer(seconds, output.read(), left_processes(process.pid))
        return None

    def between(self, whole: Whole) -> bool:
        """Return whether the environment is in neither the old nor the new state."""
        left = self.tree()
        return bool(differences(whole.old, left) and differences(whole.new, left))

    def fault(self, whole: Whole) -> str | None:
        """Return what is wrong after the next run, None if the environment is complete."""
        ran = self.world.run([*self.start, "install", "-q", "part0"])
        if ran.code:
            return f"the next run fails:\n{ran.stderr}"
        left = self.tree()
        if (to_old := differences(whole.old, left)) and (to_new := differences(whole.new, left)):
            nearer = min(to_old, to_new, key=len)
            return "neither old nor new: " + "; ".join(line for _, line in nearer[:6])
        ran = self.world.run([*self.start, *self.argv])
        if ran.code or (rest := differences(whole.new, self.tree())):
            cause = ran.stderr if ran.code else "; ".join(line for _, line in rest[:6])
            return f"the upgrade cannot be finished: {cause}"
        return None


def trials(trial: Trial, whole: Whole, how: signal.Signals, runs: int, seed: int) -> int:
    """Interrupt `runs` times; return the number of faults."""
    chance = random.Random(seed)
    faults = between = 0
    answers: list[Answer] = []
    for number in range(runs):
        is_cold = number % 4 >= 2
        if is_cold:
            shutil.rmtree(trial.cache, ignore_errors=True)
        delay = chance.uniform(STARTED, whole.seconds * (2 if is_cold else 1.05))
        answer = trial.interrupt(how, delay, alone=number % 2 == 1)
        between += trial.between(whole)
        fault = trial.fault(whole)
        if answer is not None:
            answers.append(answer)
            fault = answer.fault(how) or fault
        if fault:
            faults += 1
            print(f"{how.name} {number}, after {delay:.3f} s: {fault}")
    print(
        f"{how.name}: {runs} runs of {whole.seconds:.2f} s, {len(answers)} stopped while they ran, "
        f"{between} of them between old and new, {faults} faults{figures(answers)}"
    )
    return faults


def figures(answers: list[Answer]) -> str:
    """Return the times from signal to exit in words."""
    times = sorted(answer.seconds for answer in answers)
    if not times:
        return ""
    most = times[min(len(times) - 1, len(times) * 99 // 100)]
    return f"; answered in {times[len(times) // 2]:.2f} s (median), {most:.2f} s (99 %)"


def main() -> int:
    """Run everything; return 1 if there were faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tool", default="pipfast")
    parser.add_argument("--how", choices=SIGNALS, action="append")
    options = parser.parse_args()
    return min(interrupted(options.how or SIGNALS, options.runs, options.seed, options.tool), 1)


def interrupted(names: Sequence[str], runs: int, seed: int, tool: str = "pipfast") -> int:
    """Interrupt `runs` times by each of these signals; return the number of faults."""
    ways = [signal.Signals[name] for name in names]
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        chosen = upgrade(Path(folder, "cache"))
        fresh = house.fresh(chosen)
        with IndexServer(chosen.indexes) as server:
            trial = Trial(World(house.root, chosen, server), fresh, tool)
            whole = trial.states()
            return sum(trials(trial, whole, how, runs, seed) for how in ways)


if __name__ == "__main__":
    sys.exit(main())
