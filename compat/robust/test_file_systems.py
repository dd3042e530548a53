"""Replace and remove what is on another file system than the rest of the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat.harness.twin import VERSION, interpreter_of_its_own
from tests.kit.wheels import wheel

MEMORY = Path("/dev/shm")
LINKS = (wheel("demo", "1.0"), wheel("demo", "2.0"))

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not os.access(MEMORY, os.W_OK), reason="needs another file system"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("systems")
    if folder.stat().st_dev == MEMORY.stat().st_dev:
        pytest.skip("the temporary folder is in memory, too")
    interpreter_of_its_own(folder / "env", managed=False)
    (folder / "links").mkdir()
    for built in LINKS:
        (folder / "links" / built.filename).write_bytes(built.content)
    return folder


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    yield folder
    shutil.rmtree(folder)


def run(place: Path, home: Path, *words: str) -> str:
    environ = {
        "PATH": os.defpath, "HOME": str(home), "PIP_CONFIG_FILE": os.devnull,
        "PIPFAST_FALLBACK": "never", "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_CACHE_DIR": str(place / "cache"),
    }  # fmt: skip
    command = [sys.executable, "-m", "pipfast", "--python", str(place / "env/bin/python"), *words]
    done = subprocess.run(
        command, env=environ, cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def left(*folders: Path) -> list[str]:
    """Return the distributions and folders of transactions in `folders`."""
    names = [path.name for folder in folders if folder.exists() for path in folder.iterdir()]
    return sorted(name for name in names if name.endswith(".dist-info") or ".pipfast" in name)


@pytest.mark.parametrize("case", ["user-folder", "linked-user-folder", "global-folder"])
def test_a_distribution_of_the_user_is_replaced(place: Path, elsewhere: Path, case: str) -> None:
    home = elsewhere
    if case == "linked-user-folder":
        home = place / "home"
        home.mkdir()
        (home / ".local").symlink_to(elsewhere)
    user = home / f".local/lib/{VERSION}/site-packages"
    site = place / f"env/lib/{VERSION}/site-packages"
    install = ("install", "--no-index", "--find-links", "links")
    run(place, home, *install, "--user", "demo==1.0")
    options = () if case == "global-folder" else ("--user",)
    assert "demo-2.0" in run(place, home, *install, *options, "-U", "demo")
    there = site if case == "global-folder" else user
    assert left(user, site) == ["demo-2.0.dist-info"] == left(there)
    run(place, home, "uninstall", "-y", "demo")
    assert left(user, site) == []


def test_a_target_is_replaced(place: Path, elsewhere: Path) -> None:
    install = ("install", "--no-index", "--find-links", "links", "--target", str(elsewhere))
    run(place, place, *install, "demo==1.0")
    run(place, place, *install, "-U", "demo")
    assert left(elsewhere) == ["demo-1.0.dist-info", "demo-2.0.dist-info"]  # as pip leaves them
