"""An environment is whole, old or new, whatever ends a run and whenever."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.transaction.apply import recover
from pipfast.transaction.journal import FOLDER
from tests.kit.wheels import Wheel
from tests.transaction.wheels import NEW, OLD
from tests.transaction.world import World, site_in, tree

MOMENTS = int(os.environ.get("PIPFAST_TEST_MOMENTS", "10"))
"""How many moments each way of ending is tried at; every one of them has its own test."""

ROOT = Path(__file__).parents[2]
_CHANGES: list[int] = []


def run(world: World, how: str, moment: int) -> subprocess.CompletedProcess[str]:
    """Upgrade `world` in a process that ends itself at `moment`."""
    command = [sys.executable, "-m", "tests.transaction.interrupted"]
    return subprocess.run(
        [*command, str(world.folder), how, str(moment)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def prepare(world: World) -> None:
    """The state before the upgrade."""
    world.apply(*OLD)
    (world.library / "alpha" / "mine.txt").write_text("the user's own")


def upgraded(world: World) -> dict[str, bytes | None]:
    """What an upgrade makes that nobody interrupts, at the same place."""
    shutil.rmtree(world.folder / "env")
    prepare(world)
    world.apply(*NEW, "gone")
    return world.tree()


def moment_of(world: World, number: int) -> int:
    """A moment of an upgrade of `world`: the run is divided evenly, with some chance in it."""
    if not _CHANGES:
        folder = world.folder / "measured"
        folder.mkdir()
        measured = World(folder, world.workshop, site_in(folder))
        prepare(measured)
        _CHANGES.append(int(run(measured, "KILL", 0).stdout.split()[0]))
    share = _CHANGES[0] / MOMENTS
    return max(1, round(share * (number + random.random())))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["KILL", "INT", "TERM"])
@pytest.mark.parametrize("number", range(MOMENTS))
def test_an_interrupted_upgrade_leaves_the_old_environment_or_the_new(
    world: World, how: str, number: int
) -> None:
    moment = moment_of(world, number)
    prepare(world)
    old = world.tree()
    ended = run(world, how, moment)
    if how != "KILL":
        assert not (world.library / FOLDER).exists(), f"not undone at once at {moment}"
    recover(world.site)
    found = world.tree()
    if found != old:
        assert found == upgraded(world), f"neither old nor new at {moment}: {ended.stderr}"
    assert ended.returncode != 0 or moment >= _CHANGES[0] - 1


def test_nothing_is_imported_between_the_first_change_and_the_last(world: World) -> None:
    prepare(world)
    ended = run(world, "KILL", 0)
    assert ended.stdout.splitlines()[1:] == [""], ended.stderr


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a small file system"
)
def test_a_full_disk_leaves_the_old_environment(world: World) -> None:
    small = world.folder / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], check=True)
    try:
        full = World(world.folder, world.workshop, site_in(small))
        full.apply(*OLD)
        old = tree(small)
        big = Wheel(name="big", files={f"big/{n}.bin": os.urandom(40_000) for n in range(10)})
        with pytest.raises(OSError, match="No space left"):
            full.apply(NEW[0], big)
        assert tree(small) == old
    finally:
        subprocess.run(["umount", str(small)], check=True)
