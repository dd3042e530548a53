"""What a backend itself needs for an editable install: its three hooks, in an environment ready.

    python -m compat.bench.hooks PYTHON PROJECT ENVIRONMENT

The environment is filled at the first call. Prints the seconds that the hooks took together, each
in a process of its own as PEP 517 has it; the start of this program is not among them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyproject_hooks import BuildBackendHookCaller, quiet_subprocess_runner

NEEDS = ("hatchling", "editables")
"""What the hatchling project states, and what its backend asks for beyond that."""


def _fill(python: str, environment: Path) -> None:
    words = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*words, "--target", str(environment), *NEEDS], check=True)


def hooks(python: str, project: Path, environment: Path) -> float:
    """Call the hooks of an editable install; the seconds they took."""

    def run(
        cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        variables = {**(extra_environ or {}), "PYTHONPATH": str(environment)}
        quiet_subprocess_runner(cmd, cwd, variables)

    caller = BuildBackendHookCaller(
        str(project), "hatchling.build", runner=run, python_executable=python
    )
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        caller.get_requires_for_build_editable()
        info = caller.prepare_metadata_for_build_editable(folder)
        caller.build_editable(folder, metadata_directory=f"{folder}/{info}")
        return time.perf_counter() - begin


def main(words: list[str]) -> None:
    """Call them and tell."""
    python, project, environment = words
    if not Path(environment).exists():
        _fill(python, Path(environment))
    print(f"seconds {hooks(python, Path(project), Path(environment)):.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
