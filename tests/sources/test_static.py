"""A resolution asks no backend for metadata that sdists promise (PEP 643), unless it is watched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.projects import project

BACKEND = """
import os
open(os.environ["MARK"], "a").close()
raise SystemExit("a backend was run")
"""
SYSTEM = "[build-system]\nrequires = []\nbuild-backend = 'marking'\nbackend-path = ['.']\n"
NEEDS = {"one": ("two", "three[x]"), "two": ("four>1",), "three": (), "four": (), "five": ()}


def place(folder: Path, written: str) -> None:
    """Put an sdist of each project into `folder`, their metadata of the version `written`."""
    for name, needs in NEEDS.items():
        info = f"Metadata-Version: {written}\nName: {name}\nVersion: 2.0\n"
        info += "".join(f"Requires-Dist: {one}\n" for one in needs)
        if name == "three":
            info += "Provides-Extra: x\nRequires-Dist: five; extra == 'x'\n"
        files = {"PKG-INFO": info, "pyproject.toml": SYSTEM, "marking.py": BACKEND}
        sdist = project(name, "2.0", files=files).sdist()
        (folder / sdist.filename).write_bytes(sdist.content)


@pytest.mark.parametrize(
    ("written", "options", "runs"),
    [
        ("2.2", (), False),
        ("2.4", (), False),
        ("2.1", (), True),
        ("2.4", ("-v",), True),
        ("2.4", ("--log", "log.txt"), True),
        ("2.4", ("--config-settings", "a=b"), True),
    ],
)
def test_static_metadata_are_read_and_no_backend_is_run_but_for_who_wants_to_read_it(
    tmp_path: Path, written: str, options: tuple[str, ...], runs: bool
) -> None:
    place(tmp_path, written)
    mark = tmp_path / "mark"
    environ = {"PATH": os.defpath, "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "MARK": str(mark)}
    ended = subprocess.run(
        [sys.executable, "-m", "pipfast", "install", "--dry-run", "one", "-I", *options],
        cwd=tmp_path,
        env=environ | {"PIPFAST_FALLBACK": "never"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert mark.exists() is runs
    if not runs:
        assert ended.stdout.endswith("Would install five-2.0 four-2.0 one-2.0 three-2.0 two-2.0\n")
