"""Measure the three hooks of an editable install without an installer.

    python -m compat.bench.hooks PYTHON PROJECT ENVIRONMENT

The first call fills the environment. Prints the total time of the hooks in seconds. Each runs in
a separate process, as PEP 517 requires; starting this program does not count.
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
"""The requirements of the hatchling project, and those that its backend adds."""


def _fill(python: str, environment: Path) -> None:
    words = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*words, "--target", str(environment), *NEEDS], check=True)


def hooks(python: str, project: Path, environment: Path) -> float:
    """Call the hooks of an editable install; return their duration in seconds."""

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
    """Call the hooks and print the duration."""
    python, project, environment = words
    if not Path(environment).exists():
        _fill(python, Path(environment))
    print(f"seconds {hooks(python, Path(project), Path(environment)):.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
