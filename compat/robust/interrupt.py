"""Interrupt installs at random moments: ``python -m compat.robust.interrupt --runs 50``.

An upgrade of several distributions is interrupted by Ctrl-C (SIGINT to the process group) or
kill -9 (alternately of the group, and of the main process, whose workers may live a moment
longer). The next run, which has nothing to install, must leave a complete environment, old or
new, and repeating the upgrade must lead to the new one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from compat.harness.scenario import Scenario, scenario
from compat.harness.tree import Tree, differences
from compat.harness.twin import House, Program, World
from compat.kit.index import Index, index
from compat.kit.server import IndexServer
from tests.kit.wheels import Wheel, wheel

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


class Trial:
    """Repeats the upgrade in one world."""

    def __init__(self, world: World, fresh: Path, tool: str) -> None:
        self.world = world
        self.fresh = fresh
        self.start = Program(tool).command(world)
        self.argv = list(world.scenario.steps[0])

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

    def interrupt(self, how: signal.Signals, delay: float, *, alone: bool) -> bool:
        """Start the upgrade and interrupt it after `delay` seconds; return whether it was running.

        `alone` does not signal the program's children.
        """
        self.world.fill(self.fresh)
        process = subprocess.Popen(
            [*self.start, *self.argv],
            cwd=self.world.root / "work",
            env=self.world.environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - it only sets a signal
        )
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            if alone:
                process.send_signal(how)
            else:
                os.killpg(process.pid, how)
            process.wait(60)
            return True
        return False

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
            told = ran.stderr if ran.code else "; ".join(line for _, line in rest[:6])
            return f"the upgrade cannot be finished: {told}"
        return None


def trials(trial: Trial, how: signal.Signals, runs: int, seed: int) -> int:
    """Interrupt `runs` times; return the number of faults."""
    chance = random.Random(seed)
    whole = trial.states()
    faults = struck = between = 0
    for number in range(runs):
        delay = chance.uniform(0, whole.seconds * 1.05)
        struck += trial.interrupt(how, delay, alone=how is signal.SIGKILL and number % 2 == 1)
        between += trial.between(whole)
        if fault := trial.fault(whole):
            faults += 1
            print(f"{how.name} {number}, after {delay:.3f} s: {fault}")
    print(
        f"{how.name}: {runs} runs of {whole.seconds:.2f} s, {struck} stopped while they ran, "
        f"{between} of them between old and new, {faults} faults"
    )
    return faults


def main() -> int:
    """Run everything; return 1 if there were faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tool", default="pipfast")
    parser.add_argument("--how", choices=("SIGINT", "SIGKILL"), action="append")
    options = parser.parse_args()
    ways = [signal.Signals[name] for name in options.how or ("SIGINT", "SIGKILL")]
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        asked = upgrade(Path(folder, "cache"))
        fresh = house.fresh(asked)
        with IndexServer(asked.indexes) as server:
            trial = Trial(World(house.root, asked, server), fresh, options.tool)
            faults = sum(trials(trial, how, options.runs, options.seed) for how in ways)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
