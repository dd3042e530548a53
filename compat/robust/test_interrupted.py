"""Real runs that are killed, and the runs of pipfast and pip after them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.house import KILLED
from tests.kit.wheels import wheel

NAMES = [f"up{number}" for number in range(4)]
FOLDER = ".pipfast-transaction"


@dataclass
class House:
    """A virtual environment, a folder of wheels and a cache."""

    folder: Path

    def __post_init__(self) -> None:
        self.env = self.folder / "env"
        self.python = self.env / "bin" / "python"
        command = [sys.executable, "-m", "venv", "--without-pip", str(self.env)]
        subprocess.run(command, check=True)
        wheels = self.folder / "wheels"
        wheels.mkdir()
        for name in NAMES:
            for version in ("1.0", "2.0", "3.0"):
                files = {
                    f"{name}/__init__.py": f"V = '{version}'\n",
                    f"{name}/v{version[0]}.py": "",
                }
                made = wheel(name, version, files=files)
                (wheels / made.filename).write_bytes(made.content)

    def environ(self, **variables: str) -> dict[str, str]:
        """Return the variables of a run."""
        own = {"PIP_CONFIG_FILE": os.devnull, "PIP_CACHE_DIR": str(self.folder / "cache")}
        own |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder / "wheels")}
        own |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "TMPDIR": str(self.folder)}
        own |= {"PIP_ROOT_USER_ACTION": "ignore"}
        return {**os.environ, **own, **variables}

    def start(
        self, *words: str, program: str = "pipfast", **variables: str
    ) -> subprocess.Popen[str]:
        """Start a run in the environment."""
        command = [sys.executable, "-m", program, "--python", str(self.python), *words]
        return subprocess.Popen(
            command,
            env=self.environ(**variables),
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self, *words: str, program: str = "pipfast", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the environment."""
        process = self.start(*words, program=program, **variables)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def killed(self, move: int, *words: str, **variables: str) -> None:
        """Run a command and kill it before its move number `move` in site-packages."""
        command = [sys.executable, "-c", KILLED, str(move), "--python", str(self.python), *words]
        ended = subprocess.run(
            command,
            env=self.environ(**variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == -9, ended.stderr

    def versions(self, *words: str) -> dict[str, str]:
        """Return what `list` shows."""
        ended = self.run("list", "--format", "json", *words)
        assert ended.returncode == 0, ended.stderr
        return {each["name"]: each["version"] for each in json.loads(ended.stdout)}

    @property
    def library(self) -> Path:
        """The site-packages folder."""
        return next(self.env.glob("lib/*/site-packages"))

    def imported(self, name: str) -> str:
        """Return the version that Python imports."""
        command = [str(self.python), "-c", f"import {name}; print({name}.V)"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    assert made.run("install", *(f"{name}==1.0" for name in NAMES)).returncode == 0
    return made


OLD = dict.fromkeys(NAMES, "1.0")
NEW = dict.fromkeys(NAMES, "2.0")
UPGRADE = ("install", *(f"{name}==2.0" for name in NAMES))


@pytest.mark.parametrize(
    "words", ["list", "freeze", "check", "show up0 up1 up2 up3", "inspect", "install --dry-run up0"]
)
def test_a_command_that_reads_undoes_a_killed_upgrade_first(house: House, words: str) -> None:
    before = house.run(*words.split()).stdout
    house.killed(6, *UPGRADE)
    assert (house.library / FOLDER).exists()
    ended = house.run(*words.split())
    assert ended.returncode == 0
    assert sorted(ended.stdout.splitlines()) == sorted(before.splitlines())  # in any order
    assert "was interrupted; its changes have been undone" in ended.stderr
    assert not (house.library / FOLDER).exists()
    assert {house.imported(name) for name in NAMES} == {"1.0"}


@pytest.fixture
def read_only(house: House) -> Iterator[House]:
    house.killed(6, *UPGRADE)
    env = str(house.env)
    subprocess.run(["mount", "--bind", env, env], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", env], check=True)
    try:
        yield house
    finally:
        subprocess.run(["umount", env], check=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount")
def test_a_killed_upgrade_in_a_read_only_environment_is_read_through(read_only: House) -> None:
    ended = read_only.run("list", "--format", "freeze")
    assert ended.stdout.split() == [f"{name}==1.0" for name in NAMES]
    assert "this is what was installed before it" in ended.stderr
    assert read_only.run("show", "up0").stdout.splitlines()[:2] == ["Name: up0", "Version: 1.0"]


@pytest.mark.parametrize("move", [2, 6, 9, 12, 14, 16])
def test_a_killed_upgrade_is_old_or_new_at_the_next_run(house: House, move: int) -> None:
    house.killed(move, *UPGRADE)
    assert house.versions() in (OLD, NEW)
    assert house.run(*UPGRADE).returncode == 0
    assert house.versions() == NEW


def test_a_killed_upgrade_without_a_cache_is_undone(house: House) -> None:
    house.killed(6, *UPGRADE, PIP_NO_CACHE_DIR="1")
    assert house.run("list", PIP_NO_CACHE_DIR="1").returncode == 0
    assert {house.imported(name) for name in NAMES} == {"1.0"}
    assert not list(house.folder.glob(".pipfast-*.key"))


def test_an_environment_that_was_moved_after_a_kill_is_whole(house: House) -> None:
    house.killed(6, *UPGRADE)
    house.env = house.env.rename(house.folder / "moved")
    house.python = house.env / "bin" / "python"
    assert house.versions() == OLD
    assert {house.imported(name) for name in NAMES} == {"1.0"}


@pytest.mark.parametrize("move", [2, 3, 5, 9, 11, 13, 15])
def test_what_pip_installs_after_a_kill_stays(house: House, move: int) -> None:
    house.killed(move, *UPGRADE)
    installed = house.run("install", "up0==3.0", "up1==3.0", program="pip")
    assert installed.returncode == 0, installed.stderr
    shown = house.run("list", "--format", "freeze")
    assert sorted(shown.stdout.split()) == ["up0==3.0", "up1==3.0", "up2==1.0", "up3==1.0"]
    assert "what was installed since stays: up0, up1" in shown.stderr
    assert [house.imported(name) for name in NAMES] == ["3.0", "3.0", "1.0", "1.0"]
    assert len(list(house.library.glob("*.dist-info"))) == 4
    for name in ("up0", "up1"):
        assert sorted(path.name for path in (house.library / name).glob("v*.py")) == ["v3.py"]
    assert not (house.library / FOLDER).exists()


def test_two_runs_at_once_leave_each_distribution_once(house: House) -> None:
    for _ in range(3):
        runs = [
            house.start("install", *(f"{name}=={version}" for name in NAMES))
            for version in ("2.0", "3.0")
        ]
        for run in runs:
            output, errors = run.communicate(timeout=120)
            assert run.returncode == 0, output + errors
        assert len(list(house.library.glob("*.dist-info"))) == len(NAMES)
        assert set(house.versions().values()) in ({"2.0"}, {"3.0"})
        for info in house.library.glob("*.dist-info"):
            for line in (info / "RECORD").read_text().splitlines():
                assert (house.library / line.partition(",")[0]).exists()


def test_a_planted_journal_is_reported_and_not_obeyed(house: House) -> None:
    victim = house.folder / "victim"
    victim.mkdir()
    (victim / "file").write_text("mine")
    vendor = house.folder / "vendor"
    (vendor / FOLDER).mkdir(parents=True)
    record = {"stages": [str(victim)], "moves": [[str(victim / "file"), str(vendor / "file")]]}
    (vendor / FOLDER / "journal").write_text(json.dumps(record) + "\n")
    ended = house.run("install", "--target", str(vendor), "up0==1.0")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count(f"Ignoring {vendor / FOLDER}") == 1
    assert (victim / "file").read_text() == "mine"
    assert (vendor / "up0").is_dir()
    assert (vendor / FOLDER / "journal").exists()


@pytest.mark.parametrize("parity", ["0", "1"])
def test_a_wheel_that_brings_a_journal_is_refused(house: House, parity: str) -> None:
    made = wheel("evil", "1.0", files={"evil.py": "", f"{FOLDER}/journal": "{}"})
    (house.folder / "wheels" / made.filename).write_bytes(made.content)
    before = house.versions()
    ended = house.run("install", "evil", PIPFAST_PIP_COMPAT=parity)
    assert ended.returncode == 1
    assert f"ERROR: The wheel {made.filename} contains '{FOLDER}/journal'" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert house.versions() == before
