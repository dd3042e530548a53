"""Run one scenario with pip, uv and both modes of pipfast, each in a new world.

The worlds are those of `compat/harness/twin.py`: a virtual environment, a home folder, a cache
and index servers on loopback. No tool sees another's cache or settings, and the fallback to pip
is off.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from importlib.metadata import distribution, distributions
from pathlib import Path

from compat.harness.twin import TIMEOUT, House, Program, Ran, World
from compat.kit.index import Index
from compat.kit.server import IndexServer
from compat.threads.ask import Ask, Outcome, Running, Tool

OWN = {
    Tool.PIP: {},
    Tool.UV: {
        "UV_INDEX_URL": "<main>",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_HTTP_RETRIES": "0",
        "NO_COLOR": "1",
    },
    Tool.GUARDED: {"PIPFAST_PIP_COMPAT": "0"},
    Tool.PARITY: {"PIPFAST_PIP_COMPAT": "1"},
}
"""The environment variables of a tool; `World.environ` has the common ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The result of one tool; `wrong` are faults that an expected result cannot express."""

    steps: tuple[Ran, ...]
    installed: frozenset[str]
    wrong: tuple[str, ...]

    @property
    def solved(self) -> bool:
        """Return whether every step succeeded."""
        return all(ran.code == 0 for ran in self.steps)

    @property
    def output(self) -> str:
        """Return all output with runs of white space replaced by one space."""
        return " ".join("".join(ran.stdout + ran.stderr for ran in self.steps).split())

    def as_told(self, line: str) -> Outcome:
        """Return the result in the form of an expectation, with the line if it was printed."""
        return Outcome(self.solved, self.installed, line if line in self.output else "")


def version(tool: Tool) -> str:
    """Return the tool's name and version as a heading."""
    if tool is Tool.UV:
        ran = subprocess.run([uv(), "--version"], capture_output=True, check=True)
        name, number, *_ = str(ran.stdout, "utf-8").split()
        return f"{name} {number}"
    if tool is Tool.PIP:
        return f"pip {distribution('pip').version}"
    return str(tool.value)


def uv() -> str:
    """Return the uv of this environment (dependency group `bench`)."""
    return str(Path(sys.executable).with_name("uv"))


def _command(tool: Tool, world: World, argv: tuple[str, ...]) -> list[str]:
    if tool is Tool.UV:
        command, *rest = argv
        return [uv(), "pip", command, "--python", str(world.python), *rest]
    name = "pip" if tool is Tool.PIP else "pipfast"
    return [*Program(name).command(world), *argv]


def act(house: House, ask: Ask, tool: Tool) -> Seen:
    """Run the scenario with the tool."""
    scenario = replace(ask.world, environ={**ask.world.environ, **OWN[tool]})
    indexes = list(scenario.indexes)
    if not any(index.name == "main" for index in indexes):
        indexes.append(Index())
    fresh = house.fresh(scenario)
    with IndexServer(indexes) as server:
        world = house.world(scenario, server)
        world.fill(fresh)
        return _acted(world, ask, tool)


def _acted(world: World, ask: Ask, tool: Tool) -> Seen:
    argvs = ask.uv if tool is Tool.UV and ask.uv else ask.world.steps
    wrong: list[str] = []
    program = _begun(world, ask.running, wrong) if ask.running else None
    steps = tuple(
        world.run(_command(tool, world, tuple(map(world.expanded, argv)))) for argv in argvs
    )
    if program and ask.running:
        _ended(program, ask.running, wrong)
    seen = Seen(steps=steps, installed=_installed(Path(world.expanded(ask.where))), wrong=())
    if ask.proof and seen.solved:
        _prove(world, ask, wrong)
    if world.delegation.exists():
        wrong.append(f"handed over to real pip: {world.delegation.read_text()}")
    wrong += [f"left behind: {path}" for path in Path(world.expanded("<site>")).glob("~*")]
    return replace(seen, wrong=tuple(wrong))


def _installed(folder: Path) -> frozenset[str]:
    found = distributions(path=[str(folder)])
    return frozenset(f"{one.metadata['Name']} {one.version}" for one in found)


def _begun(world: World, running: Running, wrong: list[str]) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [str(world.python), "-c", running.program],
        cwd=world.root / "work",
        env=world.environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    if (printed := program.stdout.readline().strip()) != running.holds:
        wrong.append(f"the program that runs begins with {printed!r}")
    return program


def _ended(program: subprocess.Popen[str], running: Running, wrong: list[str]) -> None:
    printed, _ = program.communicate("go on\n", timeout=TIMEOUT)
    if (printed.strip(), program.returncode) != (running.holds, 0):
        wrong.append(f"the program that runs ends with {printed!r}, exit code {program.returncode}")


def _prove(world: World, ask: Ask, wrong: list[str]) -> None:
    ran = world.run([str(world.python), "-c", ask.proof])
    if (ran.stdout.strip(), ran.code) != (ask.proves, 0):
        wrong.append(f"the proof prints {ran.stdout.strip()!r} {ran.stderr}, not {ask.proves!r}")


def faults(outcome: Outcome, seen: Seen) -> list[str]:
    """Yield how the result differs from the expected one."""
    found = list(seen.wrong)
    if seen.solved is not outcome.solved:
        found.append("it succeeds" if seen.solved else "it fails")
    if seen.installed != outcome.installed:
        found.append(f"it leaves {', '.join(sorted(seen.installed)) or 'nothing'}")
    if outcome.says not in seen.output:
        found.append(f"it does not say {outcome.says!r}")
    return [*found, *(f"{ran.stdout}{ran.stderr}" for ran in seen.steps)] if found else []
