"""Many runs over many environments on one store: ``python -m compat.faults soak``.

The runs are 2,000 installs, upgrades, uninstalls and builds in 50 environments. The memory of a
run, open files, entries of the store and temporary files must not grow, and each environment must
have the distributions that the last successful run reported.
"""

from __future__ import annotations

import csv
import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from compat.faults.campaign import new_sandbox
from compat.faults.sandbox import Sandbox
from compat.faults.saved import tree

_SHOWN = 20


@dataclass(slots=True)
class Environment:
    """An environment, and the version of each distribution that must be in it."""

    folder: Path
    expected: dict[str, str] = field(default_factory=dict)

    def library(self) -> Path:
        """The site-packages folder, which pip and pipfast remove when it is empty."""
        return next(self.folder.glob("lib/*/site-packages"), self.folder / "removed")

    def faults(self) -> list[str]:
        """Return what is wrong with it."""
        found = {}
        problems = []
        for info in self.library().glob("*.dist-info"):
            name, _, version = info.name.removesuffix(".dist-info").partition("-")
            found[name] = version
            problems += [f"{self.folder.name}: {text}" for text in _untrue(info)]
        if found != self.expected:
            problems.append(f"{self.folder.name}: {found} instead of {self.expected}")
        owned = {name for name in self.expected if name != "made"}
        if not self.library().exists():
            return problems
        others = {path.name for path in self.library().iterdir() if path.is_dir()}
        extra = {name for name in others - owned if not name.endswith(".dist-info")}
        extra -= {"__pycache__"}
        return problems + [f"{self.folder.name}: {name} is left" for name in sorted(extra)]


def _untrue(info: Path) -> list[str]:
    """Return the lines of a RECORD that name a file that is not there."""
    with (info / "RECORD").open(newline="") as file:
        return [
            f"{info.name} has no {row[0]}"
            for row in csv.reader(file)
            if not (info.parent / row[0]).exists()
        ]


@dataclass(slots=True)
class Figures:
    """Figures of one part of the runs: seconds and peak memory (KiB) of each; files at its end."""

    seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    entries: int = 0
    temporary: int = 0
    handles: int = 0

    def line(self) -> str:
        """Return the figures."""
        seconds, memory = sorted(self.seconds), sorted(self.memory)
        middle = len(seconds) // 2
        return (
            f"{len(seconds)} runs, {seconds[middle]:.3f} s and {memory[middle] // 1024} MiB at the "
            f"median, {memory[-1] // 1024} MiB at most, {self.entries} entries in the store besides"
            f" saved results, {self.temporary} temporary files, {self.handles} open files here"
        )


def soak(runs: int, environments: int, seed: int) -> int:
    """Run all commands, print the figures, and return the number of problems."""
    chance = random.Random(seed)
    problems: list[str] = []
    with new_sandbox() as sandbox:
        pool = _environments(sandbox, environments)
        parts = 5
        for part in range(parts):
            figures = Figures()
            for _ in range(runs // parts):
                problems += _step(sandbox, chance.choice(pool), chance, figures)
            kept = [name for name in tree(sandbox.root / "cache", "") if "/traces" not in name]
            figures.entries = len(kept)
            figures.temporary = len(tree(sandbox.root / "tmp")) + _temporary_in(
                sandbox.root / "cache"
            )
            figures.handles = len(list(Path("/proc/self/fd").iterdir()))
            print(f"part {part + 1} of {parts}: {figures.line()}", flush=True)
        for each in pool:
            problems += each.faults()
    for text in problems[:_SHOWN]:
        print(text)
    print(f"{len(problems)} problems, {len(pool)} environments verified")
    return len(problems)


def _temporary_in(cache: Path) -> int:
    names = tree(cache)
    return sum("/.aside-" in name or "/v1/tmp/" in name for name in names)


def _environments(sandbox: Sandbox, number: int) -> list[Environment]:
    """Return new environments, which replace that of the sandbox for their runs."""
    made = []
    for each in range(number):
        folder = sandbox.root / f"env{each}"
        shutil.copytree(sandbox.root / "env", folder, symlinks=True)
        made.append(Environment(folder))
    return made


def _step(sandbox: Sandbox, one: Environment, chance: random.Random, figures: Figures) -> list[str]:
    """Run one command in one environment, and note what must be in it afterwards."""
    words, after = _command(one, chance)
    sandbox.use(one.folder)
    sandbox.state.set(None, 0)
    begin = time.monotonic()
    ended = sandbox.run(words)
    figures.seconds.append(time.monotonic() - begin)
    figures.memory.append(ended.memory)
    if ended.code or ended.left or ended.hangs:
        last = (ended.errors or ended.output).strip().splitlines()[-1:]
        return [f"{one.folder.name}: {' '.join(words)}: exit code {ended.code}, {last}"]
    one.expected = after
    return []


def _command(one: Environment, chance: random.Random) -> tuple[list[str], dict[str, str]]:
    """Choose a command that fits the environment; return it and the expected content."""
    after = dict(one.expected)
    kind = chance.random()
    if kind < 0.03:
        after["made"] = "1.0"
        return ["install", "--no-build-isolation", "--force-reinstall", "./made"], after
    if kind < 0.25 and after:
        names = chance.sample(sorted(after), chance.randint(1, len(after)))
        for name in names:
            del after[name]
        return ["uninstall", "-y", *names], after
    names = chance.sample(["aa", "bb", "keep"], chance.randint(1, 3))
    for name in names:
        after[name] = "1.0" if name == "keep" else chance.choice(["1.0", "2.0"])
    return ["install", *(f"{name}=={after[name]}" for name in names)], after
