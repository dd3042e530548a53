"""The sdist and the wheel hold exactly the files that they should."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.model.version import __version__

ROOT = Path(__file__).parents[2]
SHIPPED = ("src", "tests", "compat", "release", "docs", "examples")
SINGLE = ("README.md", "LICENSE", "CHANGELOG.md", "mkdocs.yml", "pyproject.toml", ".gitignore")
"""Beside the folders; hatchling always adds the last two and PKG-INFO."""
STRAY = (
    "demo/lib/python3/site-packages/x.py", "demo/docs/x.md", "demo/README.md", "recorded/src/x.py",
    "build/x.py", "dist/x.whl", "src/pipfast/__pycache__/x.cpython-311.pyc", ".venv/tests/x.py",
)  # fmt: skip


def files(root: Path) -> Iterator[str]:
    """Yield the files of the repository that belong into the sdist."""
    for folder in SHIPPED:
        for path in (root / folder).rglob("*"):
            if path.is_file() and not {"__pycache__", ".venv"} & set(path.parts):
                yield path.relative_to(root).as_posix()
    yield from SINGLE


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions, built from a copy in which a user has worked."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("out")
    for name in files(ROOT):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes((ROOT / name).read_bytes())
    for name in STRAY:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("stray")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    return out


def test_the_sdist_is_exactly_the_folders_that_are_shipped(built: Path) -> None:
    top = f"pipfast-{__version__}"
    with tarfile.open(built / f"{top}.tar.gz") as archive:
        names = {member.name for member in archive if not member.isdir()}
    assert names == {f"{top}/{name}" for name in (*files(ROOT), "PKG-INFO")}


def test_the_wheel_is_the_package_alone(built: Path) -> None:
    info = f"pipfast-{__version__}.dist-info"
    with zipfile.ZipFile(built / f"pipfast-{__version__}-py3-none-any.whl") as archive:
        names = set(archive.namelist())
    package = {name.removeprefix("src/") for name in files(ROOT) if name.startswith("src/")}
    metadata = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    assert names == {*package, *(f"{info}/{name}" for name in metadata)}
