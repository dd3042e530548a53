"""Closed standard streams (cron, daemons) and a full disk behind them: the work is done as by pip.

pip ends with a traceback where a command writes its output directly (`freeze`, `inspect`,
`--version`); pipfast does not, see docs/differences.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from tests.kit.wheels import wheel

STREAMS = ("<&-", ">&-", "2>&-")
CLOSED = [" ".join(some) for number in range(4) for some in combinations(STREAMS, number)]
FULL = [">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full"]
COMMANDS = (
    "install --no-index --find-links . demo", "list", "freeze", "show demo", "check", "inspect",
    "config list", "cache dir",
    "hash demo-1.0-py3-none-any.whl", "--version", "list --format json",
    "download --no-index --find-links . -d out demo",
    "install --dry-run --no-index --find-links . demo", "uninstall -y nothing",
    "lock --no-index --find-links . -o pylock.toml demo",
    "wheel --no-index --find-links . -w out demo",
)  # fmt: skip
PRINTS = (
    "freeze",
    "inspect",
    "--version",
    "list --format json",
    "hash",
    "show demo",
    "config",
    "cache",
)
"""Commands of which the output is the result; without it they fail on a full disk."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel, and a new environment in it."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "demo-1.0-py3-none-any.whl").write_bytes(wheel("demo", "1.0").content)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    return folder


def run(place: Path, program: list[str], words: str, redirected: str) -> tuple[int, str]:
    """Return exit code and standard error of a run with streams that the shell has closed."""
    errors = place / "errors"
    errors.write_text("", encoding="utf-8")
    streams = redirected if "2>" in redirected else f"{redirected} 2>{errors}"
    shell = f'exec "$@" {streams}'
    environ = {**os.environ, "PIP_CACHE_DIR": str(place / "cache"), "HOME": str(place)}
    command = ["sh", "-c", shell, "sh", *program, "--python", str(place / "env"), *words.split()]
    done = subprocess.run(command, cwd=place, env=environ, check=False, stdout=subprocess.DEVNULL)
    return done.returncode, errors.read_text(encoding="utf-8")


@pytest.mark.parametrize("redirected", CLOSED)
def test_closed_streams_do_not_matter(place: Path, redirected: str) -> None:
    for words in COMMANDS if redirected in (">&-", "2>&-", "<&- >&- 2>&-") else COMMANDS[:3]:
        code, errors = run(place, [sys.executable, "-m", "pipfast"], words, redirected)
        assert code == 0, (words, errors)
        assert "Traceback" not in errors, words
    assert list((place / "env").rglob("demo-1.0.dist-info"))


@pytest.mark.parametrize("redirected", FULL)
def test_a_full_disk_behind_the_output_does_not_end_the_work(place: Path, redirected: str) -> None:
    for words in COMMANDS:
        code, errors = run(place, [sys.executable, "-m", "pipfast"], words, redirected)
        lost = ">/dev/full" in redirected.replace("2>", "") and words.startswith(PRINTS)
        assert code in ((0, 1) if lost else (0,)), (words, errors)
        assert "Traceback" not in errors, words
        if redirected == ">/dev/full" and words.startswith("install"):
            assert "standard output" in errors or not errors, words


@pytest.mark.parametrize("redirected", [">&-", "2>&-", *FULL])
def test_pip_does_the_work_too(place: Path, redirected: str) -> None:
    code, _ = run(place, [sys.executable, "-m", "pip"], "list", redirected)
    assert code == 0


@pytest.mark.parametrize(
    "words",
    [
        "show nothing", "uninstall -y nothing", "install --no-index nothing", "install ./nothing",
        "config get x", "index versions --no-index nothing", "install -r nothing", "check",
    ],
)  # fmt: skip
def test_what_a_closed_standard_error_would_get_is_on_standard_output(
    place: Path, words: str
) -> None:
    printed = []
    environ = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIPFAST_PIP_COMPAT": "1"}
    for program in ("pip", "pipfast"):
        command = [sys.executable, "-m", program, "--python", str(place / "env"), *words.split()]
        shell = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command]
        done = subprocess.run(shell, cwd=place, env=environ, check=False, stdout=subprocess.PIPE)
        printed.append((done.returncode, done.stdout.decode()))
    assert printed[0] == printed[1]
