"""Run scenarios several times faster than `compat.harness`: in forks of two prepared processes.

The worlds are those of `compat.harness.twin`. What a fork shows is shown by a new process too:
``--processes`` runs a case with `compat.harness` instead.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from compat.harness.scenario import Scenario
from compat.harness.twin import House, Program, Ran, Seen, World, runner
from compat.kit.index import Index
from compat.kit.server import IndexServer
from compat.worlds import zygote
from tests.kit.wheels import Wheel, record_row

ROOT = Path(__file__).parents[2]


class Zygote:
    """The process that runs the command lines of one program."""

    def __init__(self, name: str, python: Path, environ: dict[str, str], notes: Path) -> None:
        self.notes = notes
        notes.mkdir(exist_ok=True)
        words = [str(python), zygote.__file__, name, str(ROOT), str(runner().parents[1])]
        self._process = subprocess.Popen(
            words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run(
        self, words: Sequence[str], cwd: Path, environ: dict[str, str], typed: str = ""
    ) -> dict[str, Any]:
        """Run a command line and return how it ended; `typed` is its standard input."""
        assert self._process.stdin is not None
        request = {"words": words, "cwd": str(cwd), "environ": environ, "notes": str(self.notes)}
        request["typed"] = typed
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._read())
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class ForkedWorld(World):
    """A world in which both programs run as forks."""

    zygotes: dict[str, Zygote]
    before: Path | None = None

    def run(self, command: list[str], typed: str = "") -> Ran:
        """Run a command of one of the programs; `typed` is not supported."""
        assert not typed
        name, words = command[2], command[5:]
        spoken = words if name == "pip" else command[3:]
        ended = self.zygotes[name].run(spoken, self.root / "work", self.environ())
        code = -9 if ended["hangs"] else ended["code"]
        return Ran(tuple(command), code, ended["out"], ended["err"])

    def fill(self, fresh: Path) -> None:
        """Recreate the world; what is installed before is installed once and then copied."""
        if self.before is not None:
            return super().fill(self.before)
        super().fill(fresh)
        if self.scenario.before:
            self._install_before()
            super().fill(self._kept())
        return None

    def _install_before(self) -> None:
        site = Path(self.tokens["<site>"])
        for wheel in self.scenario.before:
            place(wheel, site)

    def _kept(self) -> Path:
        self.before = self.root.with_name("kept-before")
        shutil.rmtree(self.before, ignore_errors=True)
        self.before.mkdir()
        (self.root / "env").rename(self.before / "env")
        return self.before


class Engine:
    """Runs scenarios in one folder; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.server = IndexServer([Index()])
        self._stack = ExitStack()
        self._zygotes: dict[str, Zygote] = {}

    def __enter__(self) -> Engine:  # noqa: PYI034 - typing.Self came with 3.11
        self._stack.enter_context(self.server)
        empty = Scenario(rule="empty", steps=())
        world = World(self.house.root, empty, self.server)
        world.fill(self.house.fresh(empty))
        environ = world.environ() | {"PYTHONDONTWRITEBYTECODE": "1"}
        for name, python in (("pip", world.python), ("pipfast", Path(sys.executable))):
            notes = self.house.folder / f"notes-{name}"
            self._zygotes[name] = Zygote(name, python, environ, notes)
            self._stack.callback(self._zygotes[name].close)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def world(self, scenario: Scenario) -> ForkedWorld:
        """Return the scenario's world; the server has its indexes from now on."""
        indexes = {index.name: index for index in (Index(), *scenario.indexes)}
        self.server.indexes = indexes
        world = ForkedWorld(self.house.root, scenario, self.server)
        world.zygotes = self._zygotes
        return world

    def observations(self, scenario: Scenario) -> tuple[Seen, Seen]:
        """Run the scenario with pip and with pipfast."""
        world = self.world(scenario)
        fresh = self.house.fresh(Scenario(rule="empty", steps=()))
        pip = world.observe(Program("pip"), fresh)
        return pip, world.observe(Program("pipfast"), fresh)


def place(wheel: Wheel, site: Path) -> None:
    """Install a wheel that consists of modules only, as pip does with `--no-compile`."""
    added = {f"{wheel.folder}/INSTALLER": b"pip\n", f"{wheel.folder}/REQUESTED": b""}
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        archive.extractall(site)
        record = archive.read(f"{wheel.folder}/RECORD").decode()
    for path, content in added.items():
        (site / path).write_bytes(content)
        record += record_row(path, content)
    (site / wheel.folder / "RECORD").write_text(record)
