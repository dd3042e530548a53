"""Twin worlds: the same folder at the same path, created anew for each of the two programs.

Because the path is the same, shebangs, RECORD hashes, direct_url.json and messages can be
compared unchanged. The programs run one after the other; the first result is read before the
second run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from compat.harness.forks import Zygote
from compat.harness.scenario import LOG, Content, Scenario, Stance, Target
from compat.harness.tree import Tree, tree
from compat.kit.index import Index
from compat.kit.repositories import Repository
from compat.kit.server import IndexServer
from tests.kit.wheels import Raw, Sdist, Wheel

VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
TIMEOUT = 120

READ_AT_START = ("*.pth", "sitecustomize.py", "usercustomize.py")
"""Files of site-packages that an interpreter reads when it starts."""

AT_START = ("PYTHON", "LANG", "LC_", "TZ", "LD_")
"""Beginnings of the variables that an interpreter or its C library reads when it starts."""


def runner() -> Path:
    """The script that runs this environment's pip with another interpreter, as `--python` does."""
    import pip

    return Path(pip.__file__).parent / "__pip-runner__.py"


def body(content: Content) -> bytes:
    """Return the bytes of a file that a scenario describes."""
    match content:
        case str():
            return content.encode()
        case bytes():
            return content
        case Wheel() | Sdist() | Raw():
            return content.content


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of one command."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The state of a program's world, and what real pip reports about it and does with it."""

    steps: tuple[Ran, ...]
    tree: Tree
    delegated: str
    log: str = ""
    inspected: Mapping[str, Any] = field(default_factory=dict)
    frozen: str = ""
    returned: Ran | None = None
    tree_after: Tree = field(default_factory=dict)


class Program:
    """A program with pip's command line, and how its target is selected.

    `stance` describes how pipfast runs if not in parity mode.
    """

    def __init__(self, name: str, stance: Stance | None = None) -> None:
        self.name = name
        self.stance = stance

    def command(self, world: World) -> list[str]:
        """Return the arguments in front of the scenario's own."""
        if self.stance is not None and self.stance.called != self.name:
            return [sys.executable, str(world.called(self.stance.called)), *self._target(world)]
        if world.scenario.target is not Target.ACTIVE:
            return [sys.executable, "-m", self.name, *self._target(world)]
        if self.name == "pip":
            return [str(world.python), str(runner())]
        return [sys.executable, "-m", self.name]

    def _target(self, world: World) -> list[str]:
        active = world.scenario.target is Target.ACTIVE
        return [] if active else ["--python", str(world.python)]


class World:
    """The folder that a scenario runs in, and the tokens for its parts."""

    def __init__(
        self,
        root: Path,
        scenario: Scenario,
        server: IndexServer,
        forks: Callable[[World], Zygote] | None = None,
    ) -> None:
        self.root = root
        self.scenario = scenario
        self.server = server
        self._forks = forks
        self.stance: Stance | None = None
        self.env = root / "env"
        self.python = self.env / "bin" / "python"
        self.repositories = root.with_name("repositories")
        self._make(scenario.repositories)
        self.tokens = self._tokens()
        server.tokens = self.tokens

    def _make(self, repositories: tuple[Repository, ...]) -> None:
        shutil.rmtree(self.repositories, ignore_errors=True)
        self.repositories.mkdir()
        for repository in repositories:
            repository.make(self.repositories)

    def _tokens(self) -> dict[str, str]:
        tokens = {
            "<here>": str(self.root / "work"),
            "<links>": str(self.root / "links"),
            "<env>": str(self.env),
            "<site>": str(self.env / "lib" / VERSION / "site-packages"),
            "<python>": str(self.python),
            "<home>": str(self.root / "home"),
            "<port>": str(self.server.port),
        }
        for name in self.server.indexes:
            root = self.server.root(name)
            tokens[f"<{name}>"] = f"{root}/simple/"
            tokens[f"<{name}-files>"] = f"{root}/files"
            tokens[f"<{name}-page>"] = f"{root}/page/"
        for repository in self.scenario.repositories:
            bare = self.repositories / f"{repository.name}.git"
            tokens[f"<{bare.name}>"] = bare.as_uri()
            for name, commit in repository.names(bare).items():
                tokens[f"<{bare.name}:{name}>"] = commit
        return tokens

    def expanded(self, text: str) -> str:
        """Return `text` with its tokens replaced."""
        for token, value in self.tokens.items():
            text = text.replace(token, value)
        return text

    def environ(self) -> dict[str, str]:
        """Return a clean environment: only PATH is inherited."""
        environ: dict[str, str | None] = {
            "PATH": os.defpath,  # without compilers, whose versions would appear in the user agent
            "HOME": "<home>",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.root / "tmp"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": "<main>",
            "PIP_RETRIES": "0",
            "PIPFAST_PIP_COMPAT": "1",
            "PIPFAST_FALLBACK": "never",
            "PIPFAST_TRACE_DELEGATION": str(self.delegation),
        }
        if self.scenario.target is Target.ACTIVE:
            environ["VIRTUAL_ENV"] = str(self.env)
            environ["PATH"] = f"{self.env / 'bin'}{os.pathsep}{environ['PATH']}"
        environ.update(self.scenario.environ)
        if self.stance is not None:
            environ["PIPFAST_PIP_COMPAT"] = None
            environ.update(self.stance.environ)
        return {name: self.expanded(value) for name, value in environ.items() if value is not None}

    @property
    def delegation(self) -> Path:
        """Return the file in which calls of real pip are recorded."""
        return self.root.with_suffix(".delegated")

    def fill(self, fresh: Path) -> None:
        """Recreate the world from `fresh` and add the scenario's files."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.delegation.unlink(missing_ok=True)
        shutil.copytree(fresh, self.root, symlinks=True)
        for folder in ("work", "home", "tmp", "links"):
            (self.root / folder).mkdir(exist_ok=True)
        for built in self.scenario.links:
            (self.root / "links" / built.filename).write_bytes(built.content)
        for path, content in self.scenario.files.items():
            self._write(self.root / "work" / path, content)
        further = self.stance.standing if self.stance is not None else {}
        for path, content in (*self.scenario.standing.items(), *further.items()):
            self._write(Path(self.expanded(path)), content)

    def _write(self, path: Path, content: Content) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body(self.expanded(content) if isinstance(content, str) else content))

    def called(self, name: str) -> Path:
        """Return the program under that name."""
        program = self.root.with_name("called") / name
        self._write(program, "from pipfast.main import run\n\nrun()\n")
        return program

    def run(self, command: list[str], typed: str = "") -> Ran:
        """Run a command in the working directory and wait for it."""
        if self._forks and (words := self._words_of_pip(command)) is not None:
            ended = self._forks(self).run(words, self.root / "work", self.environ(), typed)
            return Ran(tuple(command), -9 if ended.hangs else ended.code, ended.out, ended.err)
        done = subprocess.run(
            command,
            cwd=self.root / "work",
            env=self.environ(),
            input=typed.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            umask=self.scenario.umask,
        )
        return Ran(tuple(command), done.returncode, done.stdout.decode(), done.stderr.decode())

    def _words_of_pip(self, command: Sequence[str]) -> Sequence[str] | None:
        """Return pip's arguments if the command is pip and a fork does what a new process does."""
        if self.scenario.umask != -1 or self._is_seen_at_start():
            return None
        if command[1:3] == ["-m", "pip"] and self.scenario.target is Target.VENV:
            return command[3:]
        if command[:2] == [str(self.python), str(runner())]:
            return command[2:]
        return None

    def _is_seen_at_start(self) -> bool:
        """Return whether an interpreter that starts in this world differs from one in another."""
        return (
            self.scenario.target not in (Target.VENV, Target.ACTIVE)
            or any(name.startswith(AT_START) for name in self.scenario.environ)
            or any(map(any, map(Path(self.tokens["<site>"]).glob, READ_AT_START)))
        )

    def tree(self) -> Tree:
        """Take a snapshot of everything that the programs may have changed, except their cache."""
        return tree(self.root, skip=[self.root / "home" / ".cache", self._log])

    @property
    def _log(self) -> Path:
        return self.root / "work" / LOG

    def pip(self, *argv: str) -> Ran:
        """Run real pip without any of the scenario's options."""
        environ = {"PATH": os.defpath, "HOME": str(self.root / "home")}
        environ |= {"PIP_CONFIG_FILE": os.devnull, "LANG": "C.UTF-8"}
        environ |= {
            name: self.expanded(value)
            for name, value in self.scenario.environ.items()
            if name.startswith("PYTHON") and value is not None
        }
        words = ["--disable-pip-version-check", *argv]
        if self._forks and not self._is_seen_at_start():
            ended = self._forks(self).run(words, self.root / "work", environ)
            return Ran(argv, ended.code, ended.out, ended.err)
        done = subprocess.run(
            [str(self.python), str(runner()), *words],
            cwd=self.root / "work",
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Ran(argv, done.returncode, done.stdout.decode(), done.stderr.decode())

    def observe(self, program: Program, fresh: Path) -> Seen:
        """Run the scenario with `program` in a new world and return the result."""
        self.server.reset()
        self.stance = program.stance
        self.fill(fresh)
        steps = tuple(
            self.run([*program.command(self), *map(self.expanded, argv)], self.scenario.typed)
            for argv in self.scenario.steps
        )
        delegated = self.delegation.read_text() if self.delegation.exists() else ""
        log = self._log.read_text(encoding="utf-8") if self._log.exists() else ""
        return Seen(steps=steps, tree=self.tree(), delegated=delegated, log=log)

    def judged(self, seen: Seen) -> Seen:
        """Return the last result with what real pip reports about this world and does with it."""
        ran = self.pip("inspect")
        inspected = json.loads(ran.stdout) if ran.code == 0 else {"failed": ran.stderr}
        if (
            "installed" in inspected
        ):  # pip prints these in the order of the directory, which is random
            inspected["installed"].sort(key=lambda row: row["metadata_location"])
        frozen = self.pip("freeze").stdout if self.scenario.freezes else ""
        returned = self._return(inspected) if self.scenario.returns else None
        return replace(
            seen,
            inspected=inspected,
            frozen=frozen,
            returned=returned,
            tree_after=self.tree() if returned else {},
        )

    def _return(self, inspected: Mapping[str, Any]) -> Ran | None:
        names = [
            row["metadata"]["name"]
            for row in inspected.get("installed", ())
            if Path(row["metadata_location"]).is_relative_to(self.root)
        ]
        if not names:
            return None
        managed = ["--break-system-packages"] if self.scenario.target is Target.MANAGED else []
        return self.pip("uninstall", "-y", *managed, *names)


class House:
    """The folder for all worlds; caches what several scenarios share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "world"
        self._kept: dict[object, Path] = {}
        self._of_pip: dict[object, Seen] = {}
        self._forks: Zygote | None = None

    def world(self, scenario: Scenario, server: IndexServer) -> World:
        """Return a world in which pip runs as forks of one process where nobody can tell."""
        return World(self.root, scenario, server, self._pip)

    def _pip(self, world: World) -> Zygote:
        """Return the process that has imported pip, with the interpreter of all worlds."""
        if self._forks is None:
            notes = self.folder / "notes"
            self._forks = Zygote("pip", world.python, world.environ(), notes)
            weakref.finalize(self, self._forks.close)
        return self._forks

    def fresh(self, scenario: Scenario) -> Path:
        """Return a folder to copy a world from: the target with what is installed before."""
        key = (scenario.target, *(wheel.sha256 for wheel in scenario.before))
        if key not in self._kept:
            self._kept[key] = self._make(scenario)
        return self._kept[key]

    def of_pip(self, scenario: Scenario, look: Callable[[], Seen]) -> Seen:
        """Return pip's result; scenarios that differ only in their stance share it."""
        indexes = tuple(map(id, scenario.indexes))
        key = (scenario.steps, indexes, tuple(scenario.files), scenario.target)
        if key not in self._of_pip:
            self._of_pip[key] = look()
        return self._of_pip[key]

    def _make(self, scenario: Scenario) -> Path:
        kept = self.folder / f"kept-{len(self._kept)}"
        shutil.rmtree(self.root, ignore_errors=True)
        self._interpreter(scenario.target)
        if scenario.before:
            self._install(scenario)
        self.root.rename(kept)
        return kept

    def _interpreter(self, target: Target) -> None:
        env = self.root / "env"
        if target in (Target.ALONE, Target.MANAGED):
            return interpreter_of_its_own(env, managed=target is Target.MANAGED)
        words = ["--system-site-packages"] if target is Target.SEEING else []
        command = [sys.executable, "-m", "venv", "--without-pip", *words, str(env)]
        subprocess.run(command, check=True, timeout=TIMEOUT)
        return None

    def _install(self, scenario: Scenario) -> None:
        wheels = self.folder / "wheels"
        shutil.rmtree(wheels, ignore_errors=True)
        wheels.mkdir()
        for wheel in scenario.before:
            (wheels / wheel.filename).write_bytes(wheel.content)
        with IndexServer([Index()]) as server:
            world = World(self.root, scenario, server)
            for folder in ("work", "home"):
                (self.root / folder).mkdir()
            pins = [f"{wheel.name}=={wheel.version}" for wheel in scenario.before]
            options = ["--no-index", "--find-links", str(wheels), "--no-deps", "-q"]
            if scenario.target is Target.MANAGED:
                options.append("--break-system-packages")
            done = world.pip("install", *options, "--no-warn-script-location", *pins)
        if done.code:
            raise RuntimeError(f"pip cannot install what shall be there before: {done.stderr}")
        shutil.rmtree(self.root / "home")


def interpreter_of_its_own(env: Path, *, managed: bool) -> None:
    """Copy the base interpreter with empty site-packages and a link to its library.

    An interpreter finds its prefix through the library beside its executable. This one therefore
    uses `env` as its prefix, and nothing that it installs reaches the base.
    """
    base = Path(sys.base_prefix)
    library = env / "lib" / VERSION
    (library / "site-packages").mkdir(parents=True)
    (env / "bin").mkdir()
    shutil.copy2(base / "bin" / VERSION, env / "bin" / VERSION)
    for name in ("python", "python3"):
        (env / "bin" / name).symlink_to(VERSION)
    for path in (base / "lib" / VERSION).iterdir():
        if path.name not in ("site-packages", "EXTERNALLY-MANAGED"):
            (library / path.name).symlink_to(path)
    if managed:
        text = "[externally-managed]\nError=This interpreter belongs to somebody else.\n"
        (library / "EXTERNALLY-MANAGED").write_text(text)
