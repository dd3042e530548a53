"""Tools of the test environment on pipfast, without a network: the same result as with real pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from pipfast.model.version import PIP_VERSION
from tests.kit.wheels import wheel

pytest.importorskip("virtualenv")

NOXFILE = """\
import nox

nox.options.default_venv_backend = "virtualenv"

@nox.session
def check(session):
    session.install("demo")
    session.run("pip", "uninstall", "-y", "demo")
    session.run("python", "-m", "pip", "install", "demo==1.0", "other")
"""
CALLS = [["install", "demo"], ["uninstall", "-y", "demo"], ["install", "demo==1.0", "other"]]


class Stage:
    """A folder with wheels, and a way to run a tool with real pip or with pipfast."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "calls"
        (root / "wheels").mkdir()
        for each in (wheel("demo", "1.0"), wheel("other", "2.0", "demo")):
            (root / "wheels" / each.filename).write_bytes(each.content)

    def run(self, *words: str | Path, **variables: str) -> None:
        """Run a module or script of our own Python; it has to succeed."""
        environ = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
            "HOME": str(self.root),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.root / "wheels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
            "PIPFAST_CALL_LOG": str(self.log),
            "PIPFAST_FALLBACK": "never",
        }
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.root,
            env=environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def calls(self) -> list[list[str]]:
        """Return what reached pipfast, without the target that a shim names."""
        if not self.log.exists():
            return []
        words = [json.loads(line)["words"] for line in self.log.read_text().splitlines()]
        return [each[2:] for each in words if each[:1] == ["--python"]]

    def installed(self, env: str) -> list[tuple[str, ...]]:
        """Return what is in an environment, but not the files of pip itself."""
        [site] = (self.root / env).glob("lib/python*/site-packages")
        return sorted(
            (one.name, one.version, one.read_text("INSTALLER") or "", one.read_text("RECORD") or "")
            for one in distributions(path=[str(site)])
            if one.name not in ("pip", "setuptools")
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.mark.parametrize("how", ["seed", "seeder"])
def test_nox_runs_on_pipfast_unchanged(stage: Stage, how: str) -> None:
    pytest.importorskip("nox")
    (stage.root / "noxfile.py").write_text(NOXFILE)
    stage.run("-m", "nox")
    by_pip = stage.installed(".nox/check")
    assert stage.calls() == []
    assert [name for name, *_ in by_pip] == ["demo", "other"]
    if how == "seed":
        stage.run("-m", "pipfast", "shim", "--seed", "seeds")
        stage.run("-m", "nox", VIRTUALENV_EXTRA_SEARCH_DIR=str(stage.root / "seeds"))
    else:
        stage.run("-m", "nox", VIRTUALENV_SEEDER="pipfast")
    assert stage.calls() == CALLS
    assert stage.installed(".nox/check") == by_pip


def test_the_seeder_makes_what_shim_makes_and_leaves_other_wishes_alone(stage: Stage) -> None:
    seeder = {"VIRTUALENV_SEEDER": "pipfast"}
    stage.run("-m", "virtualenv", "made", **seeder)
    [site] = (stage.root / "made").glob("lib/python*/site-packages")
    assert (site / "pip" / "_shim.py").exists()
    assert [one.version for one in distributions(path=[str(site)], name="pip")] == [PIP_VERSION]
    stage.run("-m", "virtualenv", "--no-pip", "bare", **seeder)
    assert not list((stage.root / "bare").glob("lib/python*/site-packages/pip"))
    stage.run("-m", "virtualenv", "plain")
    assert not list((stage.root / "plain").glob("lib/python*/site-packages/pip/_shim.py"))
