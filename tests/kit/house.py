"""A virtual environment, a folder of wheels and a cache, for runs of pipfast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kit.projects import Project
from tests.kit.wheels import Built

KILLED = """
import os, signal, sys
rename, count = os.rename, [0]
def counted(*arguments, **named):
    if "site-packages" in str(arguments[0]):
        count[0] += 1
        if count[0] == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
    return rename(*arguments, **named)
os.rename = counted
from pipfast.main import main
sys.exit(main(sys.argv[2:], "pipfast"))
"""
"""Runs pipfast, and kills it before the rename in site-packages whose number is given first."""


@dataclass
class House:
    """Everything is below `folder`; `variables` apply to each run."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    with_system_site: bool = False
    target: str = ""
    """The Python to work on, by default that of the virtual environment."""

    def __post_init__(self) -> None:
        self.env = self.folder / "env"
        self.wheels = self.folder / "wheels"
        self.cache = self.folder / "cache"
        self.wheels.mkdir(exist_ok=True)
        venv.create(self.env, system_site_packages=self.with_system_site)
        self.variables = {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.cache),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_ROOT_USER_ACTION": "ignore",
            "TMPDIR": str(self.folder),
            **self.variables,
        }

    @property
    def python(self) -> Path:
        return self.env / "bin" / "python"

    @property
    def library(self) -> Path:
        [folder] = self.env.glob("lib/python*/site-packages")
        return folder

    def offer(self, *files: Built) -> None:
        for each in files:
            (self.wheels / each.filename).write_bytes(each.content)

    def withdraw(self) -> None:
        """Remove all offered files."""
        for path in self.wheels.iterdir():
            path.unlink()

    def project(self, made: Project) -> Path:
        """Write a project's source tree, and return its folder."""
        for path, content in made.under(made.name).items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.folder / made.name

    def run(self, *words: str, code: int | None = 0, **variables: str) -> str:
        """Run pipfast for the environment; return its output, both streams.

        The exit code must be `code`, unless that is None.
        """
        done = self._started([sys.executable, "-m", "pipfast"], words, variables)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def json(self, *words: str, code: int | None = 0, **variables: str) -> Any:
        """Run a command that prints JSON; return the document."""
        done = self._started([sys.executable, "-m", "pipfast"], words, variables)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def killed(self, move: int, *words: str) -> None:
        """Run pipfast, and kill it before its rename number `move` in site-packages."""
        done = self._started([sys.executable, "-c", KILLED, str(move)], words, {})
        assert done.returncode == -9, done.stdout + done.stderr

    def _started(
        self, command: Iterable[str], words: Iterable[str], variables: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--python", self.target or str(self.env), *words],
            env={**self.variables, **variables},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    def installed(self) -> dict[str, str]:
        """The installed versions by name, without pip."""
        return {
            one["name"]: one["version"]
            for one in self.json("list", "--format", "json")
            if one["name"] != "pip"
        }

    def content(self) -> dict[str, bytes]:
        """All files of site-packages and the scripts."""
        files = [*self.library.rglob("*"), *(self.env / "bin").iterdir()]
        return {
            str(path.relative_to(self.env)): path.read_bytes()
            for path in files
            if path.is_file() and not path.is_symlink() and path.suffix != ".pyc"
        }
