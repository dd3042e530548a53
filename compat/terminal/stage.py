"""A cold install for recordings: over a slow index on loopback, with a build, or from an index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compat.kit.index import Index, index
from compat.kit.server import IndexServer
from compat.terminal.cast import Cast, record
from tests.kit.projects import sdist
from tests.kit.wheels import wheel

_BACKEND = """
import os, sys, time, zipfile

def build_wheel(folder, *_):
    for step in range(8):
        print(f'compiling part {step} of the extension with a long line of options ' + '-O2 ' * 40)
        sys.stdout.flush()
        time.sleep(0.4)
    name = 'slow_build-1.0-py3-none-any.whl'
    info = 'slow_build-1.0.dist-info'
    with zipfile.ZipFile(os.path.join(folder, name), 'w') as file:
        metadata = 'Metadata-Version: 2.2\\nName: slow-build\\nVersion: 1.0\\n'
        file.writestr(f'{info}/METADATA', metadata)
        file.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
        file.writestr(f'{info}/RECORD', '')
    return name
"""
_PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_LATENCY, _BANDWIDTH = 0.4, 1_500_000


def slow_projects(modules: int = 300) -> Index:
    """Return an index with a large wheel, small ones that it needs, and an sdist."""
    body = "".join(f"def function_{number}(x):\n    return x + {number}\n" for number in range(60))
    files = {f"large/module_{number}.py": body for number in range(modules)}
    noise = {"large/data.bin": os.urandom(3_000_000)}
    small = [wheel(f"small-{number}", f"{number}.1") for number in range(6)]
    return index(
        wheel("large", "2.4.1", *(each.name for each in small), "slow-build", files=files | noise),
        *small,
        sdist("slow-build", static="2.2", files={"backend.py": _BACKEND}, pyproject=_PYPROJECT),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder for environments and a cache, and an index."""

    root: Path
    index_url: str
    path: str = os.defpath

    def environ(self, further: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a run."""
        certificates = os.environ.get("PIP_CERT")
        return {
            "PATH": self.path,
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.root / "cache"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": self.index_url,
            **({"PIP_CERT": certificates} if certificates else {}),
            **further,
        }

    def command(self, *words: str, tool: str = "pipfast") -> list[str]:
        """Return a run of pipfast, or of real pip, for a new environment."""
        env = self.root / "env"
        subprocess.run(
            [sys.executable, "-m", "venv", "--clear", "--without-pip", str(env)], check=True
        )
        return [sys.executable, "-m", tool, "--python", str(env / "bin" / "python"), *words]

    def recorded(self, width: int, *words: str, **further: str) -> Cast:
        """Record an install of `large`, or `words`; the cache is emptied first."""
        shutil.rmtree(self.root / "cache", ignore_errors=True)
        return record(
            self.command(*(words or ("install", "large"))),
            self.environ(further), width, self.root,
        )  # fmt: skip


@contextmanager
def stage(root: Path, projects: Index) -> Iterator[Stage]:
    """Yield a stage in `root` with a slow index of `projects` on loopback."""
    with IndexServer([projects], latency=_LATENCY, bandwidth=_BANDWIDTH) as server:
        yield Stage(root, f"{server.root('main')}/simple/")


@contextmanager
def real_stage(root: Path, index_url: str) -> Iterator[Stage]:
    """Yield a stage in `root` with a real index, and the compilers of this machine."""
    yield Stage(root, index_url, os.environ.get("PATH", os.defpath))
