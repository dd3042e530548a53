"""In a working directory that was deleted, everything works that does not read or write there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.wheels import wheel

WHEEL = "demo-1.0-py3-none-any.whl"
COMMANDS = (
    "list", "check", "config list", "cache dir", f"hash <here>/{WHEEL}", "show pip", "help install",
    "download --no-index --find-links <here> -d <here>/out demo",
    "install --dry-run --no-index --find-links <here> demo",
    "install --no-index --target <here>/target --find-links <here> demo",
    "install --dry-run -e .", "install --dry-run ./x", "install -r r.txt", "uninstall -y demo",
    "lock --no-index --find-links <here> demo",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel."""
    folder = tmp_path_factory.mktemp("gone")
    (folder / WHEEL).write_bytes(wheel("demo", "1.0").content)
    return folder


def run(place: Path, program: str, words: str) -> tuple[int, str]:
    """Return exit code and standard error of a run in a folder that does not exist any more."""
    script = str(Path(sys.executable).with_name(program))  # `python -m pip` needs the directory
    command = [script, *words.replace("<here>", str(place)).split()]
    shell = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    # the environment of the script is meant, as by pip's script, and not the first one on PATH
    environ = {**os.environ, "PIP_CACHE_DIR": str(place / "cache"), "VIRTUAL_ENV": sys.prefix}
    done = subprocess.run(
        ["sh", "-c", shell, str(place / "deleted"), *command],
        capture_output=True, text=True, check=False, env=environ,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_a_deleted_working_directory_matters_where_it_does_for_pip(place: Path, words: str) -> None:
    code, errors = run(place, "pipfast", words)
    assert "Traceback" not in errors, errors
    assert (code == 0) == (run(place, "pip", words)[0] == 0), errors
