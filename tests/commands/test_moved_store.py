"""A store works after it was moved or copied with its times; docs/shared-store.md promises it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.own_command import Ended, Workplace
from tests.kit.wheels import Sdist, wheel

INSTALL = ("install", "demo", "made", "--no-build-isolation", "-C", "made:x=1")


ISOLATED = ("early", "late")
"""Projects with the same build requirements, of which one is built before the move."""


def move(old: Path, new: Path) -> None:
    old.rename(new)


def copy(old: Path, new: Path) -> None:
    subprocess.run(["cp", "-a", str(old), str(new)], check=True)
    shutil.rmtree(old)


def pack(old: Path, new: Path) -> None:
    """Move as caches of CI do, with times in whole seconds."""
    archive = old.with_suffix(".tar")
    subprocess.run(["tar", "-C", str(old), "-cf", str(archive), "."], check=True)
    shutil.rmtree(old)
    new.mkdir()
    subprocess.run(["tar", "-C", str(new), "-xf", str(archive)], check=True)


@pytest.mark.parametrize("way", [move, copy, pack])
def test_nothing_is_built_or_unpacked_again(
    tmp_path: Path, way: Callable[[Path, Path], None]
) -> None:
    place = Workplace(tmp_path)
    place.make_env()
    place.offer(wheel("demo"), Sdist(name="made", dynamic=True))
    place.offer(*(Sdist(name=name, dynamic=True, build_requires=("demo",)) for name in ISOLATED))
    assert place.run("wheel", "early", "-w", "out").code == 0
    first = place.run(*INSTALL)
    assert first.code == 0, first.err
    assert "Building wheel for made" in first.out
    place.run("uninstall", "-y", "demo", "made")
    new = tmp_path / "elsewhere"
    way(place.cache, new)
    before = _unpacked(new)
    again = place.run(*INSTALL, PIP_CACHE_DIR=str(new))
    assert (again.code, again.err) == (0, "")
    assert "Building wheel for made" not in again.out
    assert _unpacked(new) == before
    later = place.run("wheel", "late", "-w", "out", PIP_CACHE_DIR=str(new))
    assert (later.code, later.err) == (0, "")


def _unpacked(cache: Path) -> dict[str, int]:
    """The unpacked wheels, each with the inode of its manifest."""
    found = (cache / "pipfast/v1/archives").glob("*/manifest")
    return {path.parent.name: path.stat().st_ino for path in found}


def test_a_copy_without_times_is_unpacked_again_with_a_warning(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.make_env()
    place.offer(wheel("demo"))
    place.run("install", "demo")
    place.run("uninstall", "-y", "demo")
    new = tmp_path / "elsewhere"
    subprocess.run(["cp", "-r", str(place.cache), str(new)], check=True)
    again: Ended = place.run("install", "demo", PIP_CACHE_DIR=str(new))
    assert again.code == 0
    assert "Unpacking demo-1.0-py3-none-any.whl again" in again.err
