"""Install one release from source with pip and pipfast, with separate and shared caches.

Both work at the same path in turn, so shebangs, RECORD and messages are compared unchanged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from types import MappingProxyType
from typing import Any

from compat.harness.output import readable
from compat.harness.tree import Tree, differences, tree
from compat.harness.twin import runner
from compat.registry.broken import Broken
from compat.registry.projects import Release

TIMEOUT = 900
PASSED_ON = re.compile(r"PIP_(INDEX_URL|CERT|TRUSTED_HOST|DEFAULT_TIMEOUT)|SSL_CERT_\w+|\w+_proxy",
                       re.IGNORECASE)  # fmt: skip
"""Environment variables that may be necessary to reach the registry."""

BUILT = re.compile(r"(?<= sha256=)[0-9a-f]{64}\b")
"""A wheel contains the creation times of its files, so no two builds are equal byte for byte."""

SIZE = re.compile(rf"(?<= size=)\d+\b|{BUILT.pattern}")
"""Their size may differ as well."""

FAILING = re.compile(r"(?<=\.mesonpy-)\w{8}\b|\S+/(?=(overlay|normal)/)")
"""Names and locations of folders."""

FETCHED = re.compile(r"^( *)(Downloading|Using cached) (?=\S+ \()")
"""Cache headers depend on the index."""

PASSED_OVER = re.compile(
    r" +━+ | {8,}|.* lines of output\]$|  hint: the build looked for "
    r"|  (Installing (build|backend) dependencies|Getting requirements to build wheel"
    r"|Preparing metadata \(pyproject\.toml\)): "
)
"""Progress bars, traceback frames, pipfast's hints, and steps that static metadata skips or
delays. The scenarios cover these.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The end of a run: exit code, output and result; `seconds` is wall time."""

    code: int
    output: tuple[str, ...]
    errors: tuple[str, ...]
    tree: Tree
    inspected: Any
    frozen: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The runs of a release, and how pipfast's differ from pip's."""

    runs: dict[str, Left]
    differences: tuple[str, ...]


class Bench:
    """Installs releases below `folder`; `other` is the program that is compared with pip."""

    def __init__(self, folder: Path, other: str) -> None:
        self.root = folder / "world"
        self.aside = folder / "caches"
        self.other = other

    @property
    def cache(self) -> Path:
        """Return the cache directory of every run."""
        return self.root.with_name("cache")

    def compare(self, release: Release) -> Compared:
        """Run both programs with an empty cache, their own cache and the other's cache."""
        shutil.rmtree(self.aside, ignore_errors=True)
        runs: dict[str, Left] = {}
        for name, program in (("pip", "pip"), ("other", self.other)):
            shutil.rmtree(self.cache, ignore_errors=True)
            runs[f"{name} cold"] = self.install(program, release)
            runs[f"{name} warm"] = self.install(program, release)
            self.aside.mkdir(exist_ok=True)
            self.cache.mkdir(exist_ok=True)  # may be missing if nothing was installed
            self.cache.rename(self._kept(name))
        for name, program, filler in (("other", self.other, "pip"), ("pip", "pip", "other")):
            self._kept(filler).rename(self.cache)
            runs[f"{name} after"] = self.install(program, release)
            shutil.rmtree(self.cache)
        return Compared(runs, tuple(_compare(runs)))

    def _kept(self, name: str) -> Path:
        return self.aside / name

    def refusal(self, broken: Broken) -> Compared:
        """Run both programs on a failing project with an empty cache."""
        runs = {}
        for name, program in (("pip", "pip"), ("other", self.other)):
            shutil.rmtree(self.cache, ignore_errors=True)
            words = ["--check-build-dependencies", "./demo"]  # do not rely on static metadata
            runs[name] = self._left(program, words, FAILING, files=broken.files)
        # failing backends leave random names
        found = _differences(runs["pip"], runs["other"])
        return Compared(runs, tuple(line for line in found if not line.startswith("tmp/tmp")))

    def install(self, program: str, release: Release) -> Left:
        """Install the release from source into a new environment."""
        words = ["--no-binary", release.name, release.pin]
        left = self._left(program, words, SIZE if release.varies else BUILT)
        return replace(left, tree=_comparable(left.tree, release)) if release.varies else left

    def _left(
        self,
        program: str,
        words: Sequence[str],
        unreadable: re.Pattern[str],
        files: Mapping[str, str] = MappingProxyType({}),
    ) -> Left:
        env = self.root / "env"
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("work", "home", "tmp"):
            (self.root / folder).mkdir(parents=True)
        command = [sys.executable, "-m", "venv", "--without-pip", str(env)]
        subprocess.run(command, check=True, timeout=TIMEOUT)
        for path, text in files.items():
            place = self.root / "work" / "demo" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        python = str(env / "bin" / "python")
        options = ["--python", python, "--cache-dir", str(self.cache), "install"]
        begin = time.perf_counter()
        done = self._run([sys.executable, "-m", program, *options, *words])
        seconds = time.perf_counter() - begin
        left = tree(self.root)
        inspected = self._run([python, str(runner()), "inspect"])
        return Left(
            code=done.returncode,
            output=_readable(done.stdout, unreadable),
            errors=_readable(done.stderr, unreadable),
            tree=left,
            inspected=json.loads(inspected.stdout),
            frozen=self._run([python, str(runner()), "freeze"]).stdout,
            seconds=seconds,
        )

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root / "work",
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def _environ(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)},
            "PATH": os.defpath,
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.root / "tmp"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIPFAST_PIP_COMPAT": "1",
            "PIPFAST_FALLBACK": "never",
            "CFLAGS": "-g0",  # debug information contains the build folder, which is random
        }


def _readable(text: str, unreadable: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(
        unreadable.sub("<random>", FETCHED.sub(r"\1<Fetching> ", line))
        for line in readable(text)
        if not PASSED_OVER.match(line)
    )


def _comparable(found: Tree, release: Release) -> Tree:
    """Return the tree without contents that vary and their hashes in RECORD."""
    row = re.compile(rf"(?m)^(.*{release.varies}.*),sha256=.*$")
    kept = {}
    for path, entry in found.items():
        if re.search(release.varies, path):
            kept[path] = replace(entry, body=b"")
        elif path.endswith(".dist-info/RECORD"):
            kept[path] = replace(entry, body=row.sub(r"\1", entry.body.decode()).encode())
        else:
            kept[path] = entry
    return kept


def _compare(runs: dict[str, Left]) -> Iterator[str]:
    """Yield how pipfast's runs differ; the other's cache must not change the result."""
    for one, other in (
        ("pip cold", "other cold"),
        ("pip warm", "other warm"),
        ("pip warm", "other after"),
        ("pip warm", "pip after"),
    ):
        for line in _differences(runs[one], runs[other]):
            yield f"{other}: {line}"


def _differences(one: Left, other: Left) -> Iterator[str]:
    if one.code != other.code:
        yield f"exit code {other.code} where pip's is {one.code}"
    for what, old, new in (
        ("output", one.output, other.output),
        ("errors", one.errors, other.errors),
        ("freeze", one.frozen.splitlines(), other.frozen.splitlines()),
    ):
        yield from unified_diff(old, new, f"pip: {what}", f"pipfast: {what}", n=0, lineterm="")
    if one.inspected != other.inspected:
        yield "pip inspect tells of another environment"
    for _, line in differences(one.tree, other.tree):
        yield line
