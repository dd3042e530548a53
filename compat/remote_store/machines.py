"""Machines that share a store: each has its own user, cache, environment and folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.kit.projects import BACKEND, Project, project
from tests.kit.wheels import Built

KEY = "a secret of at least 16 characters"
ASIDE = ("PIP_", "PIPFAST_", "AWS_", "CFLAGS")
"""What the names of variables begin with that would change a trial."""


@dataclass(frozen=True)
class Ended:
    """A run: its exit code, output, and duration in seconds."""

    code: int
    output: str
    errors: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine below `folder` that shares the store at `url`; none if that is empty.

    `index` is the folder of the files that it installs from. `python` runs pipfast with the
    arguments `program`, and makes the environment. With `user`, a number, all belongs to that user.
    """

    folder: Path
    url: str
    index: Path
    key: str = KEY
    environ: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable
    program: Sequence[str] = ("-m", "pipfast")
    user: int | None = None

    @cached_property
    def environment(self) -> Path:
        """Its environment, made when it is first used."""
        place = self.folder / "environment"
        command = [self.python, "-m", "venv", "--without-pip", str(place)]
        subprocess.run(command, check=True, cwd=self.folder, user=self.user, group=self.user)
        return place

    @property
    def site(self) -> Path:
        """The folder of installed packages."""
        return next((self.environment / "lib").glob("python*/site-packages"))

    def run(self, *words: str, **variables: str) -> Ended:
        """Run pipfast."""
        began = time.monotonic()
        with self.start(*words, **variables) as running:
            output, errors = running.communicate()
        return Ended(running.returncode, output, errors, time.monotonic() - began)

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start pipfast."""
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        if self.user is not None:
            os.chown(home, self.user, self.user)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ASIDE)}
        own = {
            "HOME": str(home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.folder / "cache"),
            "PIPFAST_REMOTE_STORE_MODE": "read-write",
            **({"PIPFAST_REMOTE_STORE": self.url} if self.url else {}),
            **({"PIPFAST_REMOTE_STORE_KEY": self.key} if self.key else {}),
        }
        return subprocess.Popen(
            [self.python, *self.program, "--python", str(self.environment), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**kept, **own, **self.environ, **variables},
            user=self.user,
            group=self.user,
        )

    def install(self, *words: str, **variables: str) -> Ended:
        """Install from the files of the index alone."""
        return self.run(*self.installing(*words), **variables)

    def installing(self, *words: str) -> list[str]:
        """Return the arguments of `install`."""
        return ["install", "--no-index", "-f", str(self.index), *words]

    def tree(self) -> dict[str, str]:
        """Return a digest of each installed file, except bytecode."""
        return {
            str(path.relative_to(self.site)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.site.rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        }

    def remote(self) -> dict[str, Any]:
        """Return what its store says of the remote one; empty if no run asked it."""
        told = json.loads(self.run("cache", "info", "--json").output)
        found: dict[str, Any] = told.get("remote", {})
        return found


@dataclass(frozen=True)
class Works:
    """Sources whose builds are counted."""

    index: Path
    log: Path

    def add(self, name: str = "demo", version: str = "1.0", **what: Any) -> Project:
        """Write an sdist whose backend notes each of its wheels and answers."""
        made = self.described(name, version, **what)
        self.publish(made.sdist())
        return made

    def publish(self, file: Built) -> None:
        """Write a file into the index."""
        (self.index / file.filename).write_bytes(file.content)

    def described(self, name: str = "demo", version: str = "1.0", **what: Any) -> Project:
        """Return a source tree whose backend notes each of its wheels and answers."""
        programs = {"build_wheel": "wheel", "prepare_metadata_for_build_wheel": "metadata"}
        runs = {hook: [str(self._noting(word))] for hook, word in programs.items()}
        backend = {"runs": runs, "variables": ["CFLAGS"], **what.pop("backend", {})}
        return project(name, version, backend=backend, **what)

    def backend(self) -> str:
        """Write the backend as a wheel; return its requirement."""
        self.publish(BACKEND)
        return "kit-backend"

    def made(self) -> list[str]:
        """Return what backends have made since the last call."""
        words = self.log.read_text().split() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return words

    def _noting(self, word: str) -> Path:
        path = self.index.parent / f"note-{word}"
        path.write_text(f"#!/bin/sh\necho {word} >> {self.log}\n")
        path.chmod(0o755)
        return path
