"""Interrupt builds: ``python -m compat.robust.builds --runs 50``.

A run that builds is interrupted by Ctrl-C (SIGINT to the process group), SIGTERM, and kill -9 of
the main process or of its group: first at each place where it can wait for ever, then at random
moments of an install of several sdists. Afterwards no process of the run may be alive, the
temporary folder must be empty, the cache must contain no partial entry, the environment must be
unchanged, and the same install must succeed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from compat.harness.scenario import Scenario, scenario
from compat.harness.tree import Tree, differences
from compat.harness.twin import House, Program, World
from compat.kit.index import Listed, index
from compat.kit.server import IndexServer
from compat.robust.interrupt import heed_interrupts
from pipfast.store.filesystem.owned_names import TEMPORARY
from tests.kit.projects import BACKEND, BUILT, project
from tests.kit.wheels import wheel

MARK = "PIPFAST_TEST_TRIAL"
"""An environment variable that identifies all processes of a run."""

PATIENCE = 5.0
"""How long leftovers of a killed run may exist, in seconds; the watchdog has to notice first."""

NOTICED = 0.5
"""How long leftovers of a run that could clean up may exist, in seconds."""

LIMIT = 60.0
"""The time limit of a run, in seconds."""

CANCELLED = "ERROR: Operation cancelled by user\n"

OLD = wheel("demo", "0.9")


class Blow(Enum):
    """How a run is interrupted, and whether it can clean up itself."""

    CTRL_C = (signal.SIGINT, True, True)
    TERMINATE = (signal.SIGTERM, False, True)
    KILL = (signal.SIGKILL, False, False)
    KILL_ALL = (signal.SIGKILL, True, False)

    @property
    def code(self) -> int:
        """Return the resulting exit code."""
        number: signal.Signals = self.value[0]
        return 1 if number is signal.SIGINT else -number

    @property
    def is_noticed(self) -> bool:
        """Return whether the run can handle the signal."""
        return self.value[2]

    def strike(self, process: subprocess.Popen[bytes]) -> None:
        """Send the signal to the process, or to its process group."""
        number, everyone, _ = self.value
        (os.killpg if everyone else os.kill)(process.pid, number)


@dataclass(frozen=True, slots=True)
class Place:
    """A run that waits at one place for ever."""

    scenario: Scenario
    waits_for: Callable[[World, socket.socket], bool]


def _sleeping(world: World, _silent: socket.socket) -> bool:
    """Return whether a hook has started to sleep."""
    walked = os.walk(world.root / "tmp")
    return any("sleeping" in files for _, _, files in walked)


def _called(_: World, silent: socket.socket) -> bool:
    """Return whether a client waits for the server that never answers."""
    try:
        silent.accept()[0].detach()  # the connection stays open
    except BlockingIOError:
        return False
    return True


def _hook(name: str, *needs: str, way: str = "sleep") -> Place:
    """Return an sdist whose backend, in-tree or from an index, never returns from the hook."""
    sdist = project("demo", needs=needs, backend={"fails": {name: way}}).sdist()
    rule = f"{name}-{way}{'-of-the-index' if needs else ''}"
    return Place(scenario(rule, "install -U demo", index(sdist, BACKEND), before=(OLD,)), _sleeping)


def _silent(rule: str, argv: str, *files: Listed) -> Place:
    """Return a run that waits for a server that never answers."""
    demo = project("demo", needs=("kit-backend",)).sdist()
    made = scenario(rule, argv, index(demo, *files), before=(OLD,))
    return Place(made, _called)


UNANSWERED = "http://127.0.0.1:<silent>"

PLACES = (
    *(_hook(name, *needs) for name in BUILT for needs in ((), ("kit-backend",))),
    _hook("build_wheel", way="breed"),
    _hook("build_wheel", "kit-backend", way="breed"),
    _silent("a-build-dependency-that-does-not-come", "install -U demo",
            Listed(file=BACKEND, url=f"{UNANSWERED}/{BACKEND.filename}")),
    _silent("a-clone-that-does-not-come", f"install git+{UNANSWERED}/demo.git"),
)  # fmt: skip
"""The places where a run is interrupted."""


def alive(mark: str) -> list[str]:
    """Return the command lines of all processes with the mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process may have exited
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append(f"{folder.name}: {words}")
    return found


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of an interrupted run (or of one that was already over), and its output."""

    code: int
    output: str
    struck: bool


class Trial:
    """Interrupts one run repeatedly in one world."""

    def __init__(self, world: World, fresh: Path, tool: str) -> None:
        self.world = world
        self.fresh = fresh
        self.argv = [*Program(tool).command(world), *map(world.expanded, world.scenario.steps[0])]
        self.mark = os.urandom(8).hex()
        self.cache = world.root / "home" / ".cache"
        self.before: Tree = {}
        self.after: Tree = {}

    def stopped(self, blow: Blow, is_ripe: Callable[[], bool]) -> Stopped:
        """Start in a fresh world and send the signal once the run is ready."""
        self.world.fill(self.fresh)
        self.before = self.env()
        until = time.monotonic() + LIMIT
        with tempfile.TemporaryFile() as output:
            process = self._begin(output.fileno())
            while process.poll() is None and not is_ripe():
                if time.monotonic() > until:
                    process.kill()
                time.sleep(0.005)
            struck = process.poll() is None
            if struck:
                blow.strike(process)
            code = process.wait(LIMIT)
            output.seek(0)
            return Stopped(code, output.read().decode(), struck)

    def run(self) -> int:
        """Wait for the run to end; return its exit code."""
        with tempfile.TemporaryFile() as output:
            return self._begin(output.fileno()).wait(LIMIT)

    def _begin(self, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.argv,
            cwd=self.world.root / "work",
            env={**self.world.environ(), MARK: self.mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - it only sets a signal
        )

    def left(self, blow: Blow) -> list[str]:
        """Return what a run left behind, after the time that it may take to clean up."""
        until = time.monotonic() + (NOTICED if blow.is_noticed else PATIENCE)
        while (found := self._left()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _left(self) -> list[str]:
        temporary = self.world.root / "tmp"
        return [
            *(f"a process: {line}" for line in alive(self.mark)),
            *(f"a temporary file: {path.name}" for path in temporary.iterdir()),
            *(f"half an entry of the cache: {path.name}" for path in self._halves()),
        ]

    def _halves(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.cache):
            for name in (*folders, *files):
                path = Path(folder, name)
                half = path.suffix == ".whl" and not zipfile.is_zipfile(path)
                if half or (path.parent.name == TEMPORARY and name.startswith("new-")):
                    yield path

    def env(self) -> Tree:
        """Return the environment's content."""
        return {path: entry for path, entry in self.world.tree().items() if path[:4] == "env/"}

    def is_done(self) -> bool:
        """Return whether the environment is as expected."""
        return not differences(self.after, self.env())

    def changed(self) -> list[str]:
        """Return how the environment differs from both the old and the new state."""
        left = self.env()
        old, new = differences(self.before, left), differences(self.after, left)
        return [line for _, line in old] if old and new else []


def fault(trial: Trial, blow: Blow, is_ripe: Callable[[], bool]) -> str | None:
    """Return what is wrong after an interruption, None if nothing is.

    If a killed run was changing the environment, the next run must repair it.
    """
    stopped = trial.stopped(blow, is_ripe)
    wrong = trial.left(blow)
    if stopped.struck and (blow.is_noticed or not trial.after):
        wrong += trial.changed()
    early = stopped.code == -signal.SIGINT and "Collecting" not in stopped.output  # Python starts
    late = stopped.code == 0 and trial.is_done()  # the run was already over
    if stopped.code != blow.code and not early and not late:
        wrong.append(f"exit code {stopped.code}")
    if stopped.code == 1 and not stopped.output.endswith(CANCELLED):
        wrong.append("it does not say that it was cancelled")
    return "\n".join([*wrong, stopped.output]) if wrong else None


@contextmanager
def trials(house: House, chosen: Scenario, tool: str) -> Iterator[tuple[Trial, socket.socket]]:
    """A run to interrupt, and the server that it may wait for."""
    fresh = house.fresh(chosen)
    with IndexServer(chosen.indexes) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0)
        world = World(house.root, chosen, server)
        world.tokens["<silent>"] = str(silent.getsockname()[1])
        yield Trial(world, fresh, tool), silent


def several() -> Scenario:
    """Return an install of several sdists, half of them with a backend from the index."""
    names = [f"part{number}" for number in range(4)]
    sdists = [project(name, needs=("kit-backend",) * (number % 2)).sdist()
              for number, name in enumerate(names)]  # fmt: skip
    return scenario("several", f"install {' '.join(names)}", index(BACKEND, *sdists))


def _due(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def at_random(trial: Trial, blow: Blow, runs: int, chance: random.Random) -> int:
    """Interrupt at `runs` random moments; return the number of faults."""
    trial.world.fill(trial.fresh)
    begin = time.monotonic()
    if trial.run():
        raise SystemExit("the install itself fails")
    seconds = time.monotonic() - begin
    trial.after = trial.env()
    faults = 0
    for number in range(runs):
        wrong = fault(trial, blow, _due(chance.uniform(0, seconds)))
        if trial.run() or not trial.is_done():
            wrong = f"{wrong or ''}\nthe next run does not end with the new environment"
        if wrong:
            faults += 1
            print(f"{blow.name} {number}: {wrong}")
    print(f"{blow.name}: {runs} runs of {seconds:.2f} s, {faults} faults", flush=True)
    return faults


def main() -> int:
    """Run everything; return 1 if there were faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tool", default="pipfast")
    parser.add_argument("--only", default="", help="places whose rule holds this")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for place in (one for one in PLACES if options.only in one.scenario.rule):
            with trials(house, place.scenario, options.tool) as (trial, silent):
                is_ripe = partial(place.waits_for, trial.world, silent)
                for blow in Blow:
                    wrong = fault(trial, blow, is_ripe)
                    print(f"{place.scenario.rule}, {blow.name}: {wrong or 'well'}", flush=True)
                    faults += wrong is not None
        if options.runs:
            with trials(house, several(), options.tool) as (trial, _):
                faults += sum(at_random(trial, blow, options.runs, chance) for blow in Blow)
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
