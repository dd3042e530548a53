"""A link to pipfast in place of an environment's own pip."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.kit.wheels import wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX")


@pytest.fixture
def pip(tmp_path: Path) -> Path:
    """The link, in a virtual environment that pipfast is not in."""
    venv.create(tmp_path / "env", with_pip=False)
    program = tmp_path / "opt" / "pipfast"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom pipfast.main import run\nrun()\n")
    program.chmod(0o755)
    link = tmp_path / "env" / "bin" / "pip"
    link.symlink_to(program)
    return link


def ran(pip: Path, words: Sequence[str], **environ: str) -> str:
    variables = {
        "PATH": os.defpath,
        "HOME": str(pip.parents[2]),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **environ,
    }
    done = subprocess.run([pip, *words], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_it_installs_and_tells_is_of_the_environment_it_stands_in(
    pip: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "other", with_pip=False)
    demo = wheel("demo", "1.0")
    (tmp_path / demo.filename).write_bytes(demo.content)
    active = str(tmp_path / "other")
    ran(pip, ["install", "--no-index", str(tmp_path / demo.filename)], VIRTUAL_ENV=active)
    assert list((tmp_path / "env").rglob("demo-1.0.dist-info"))
    assert ran(pip, ["freeze"], VIRTUAL_ENV=active).startswith("demo @ file:")
    ran(pip, ["uninstall", "-y", "demo"], VIRTUAL_ENV=active)
    assert not list((tmp_path / "env").rglob("demo*"))
