"""A process that has imported real pip or pipfast, and runs command lines in forks of itself.

Most of what a short run of pip costs is the start of two interpreters and the import of its
modules. A fork has both behind it and then does the same work.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pip

from compat.harness import zygote

ROOT = Path(__file__).parents[2]
PIP = Path(pip.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended; `left` is how many processes outlived it, `cpu` its processor seconds."""

    code: int
    out: str
    err: str
    cpu: float
    hangs: bool
    left: int


class Zygote:
    """The process that runs the command lines of one program."""

    def __init__(self, name: str, python: Path, environ: Mapping[str, str], notes: Path) -> None:
        self.notes = notes
        notes.mkdir(exist_ok=True)
        words = [str(python), zygote.__file__, name, str(ROOT), str(PIP)]
        self._process = subprocess.Popen(
            words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run(
        self, words: Sequence[str], cwd: Path, environ: Mapping[str, str], typed: str = ""
    ) -> Ended:
        """Run a command line and return how it ended; `typed` is its standard input."""
        assert self._process.stdin is not None
        request = {"words": words, "cwd": str(cwd), "environ": environ, "notes": str(self.notes)}
        request["typed"] = typed
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._read()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
