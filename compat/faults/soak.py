"""Many runs over many environments on one store: ``python -m compat.faults soak``.

After 2,000 mixed installs, upgrades, uninstalls and builds over 50 environments nothing may have
grown: the handles and the memory of a run, and what lies in the store and among temporary files.
Each environment must be what the last run promised.
"""

from __future__ import annotations

import csv
import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from compat.faults.campaign import house
from compat.faults.house import House, tree

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
    """What one part of the runs used: seconds and peak memory (KiB) of each, store at its end."""

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
    """Run everything, print the figures, and return the number of problems."""
    chance = random.Random(seed)
    problems: list[str] = []
    with house() as home:
        pool = _environments(home, environments)
        parts = 5
        for part in range(parts):
            figures = Figures()
            for _ in range(runs // parts):
                problems += _step(home, chance.choice(pool), chance, figures)
            kept = [name for name in tree(home.root / "cache", "") if "/traces" not in name]
            figures.entries = len(kept)
            figures.temporary = len(tree(home.root / "tmp")) + _temporary_in(home.root / "cache")
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


def _environments(home: House, number: int) -> list[Environment]:
    """Return new environments; each is put in place of the house's for its runs."""
    made = []
    for each in range(number):
        folder = home.root / f"env{each}"
        shutil.copytree(home.root / "env", folder, symlinks=True)
        made.append(Environment(folder))
    return made


def _step(home: House, one: Environment, chance: random.Random, figures: Figures) -> list[str]:
    """Run one command in one environment, and note what must be there then."""
    words, after = _command(one, chance)
    home.use(one.folder)
    home.state.set(None, 0)
    begin = time.monotonic()
    ended = home.run(words)
    figures.seconds.append(time.monotonic() - begin)
    figures.memory.append(ended.memory)
    if ended.code or ended.left or ended.hangs:
        said = (ended.errors or ended.output).strip().splitlines()[-1:]
        return [f"{one.folder.name}: {' '.join(words)}: exit code {ended.code}, {said}"]
    one.expected = after
    return []


def _command(one: Environment, chance: random.Random) -> tuple[list[str], dict[str, str]]:
    """Choose a command that fits the environment, and return what is there after it."""
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
