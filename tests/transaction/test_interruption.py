"""An interrupted run leaves the old environment or the new one, never a mixture."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipfast.transaction.recovery import recover
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER
from tests.kit.wheels import Wheel
from tests.transaction.wheels import NEW, OLD
from tests.transaction.world import World, environment_in, tree

SAMPLES = int(os.environ.get("PIPFAST_TEST_MOMENTS", "10"))
"""How many changes of an upgrade each signal is sent at; each is a test of its own."""

ROOT = Path(__file__).parents[2]
_CHANGES: list[int] = []


def run(world: World, signal: str, change: int) -> subprocess.CompletedProcess[str]:
    """Upgrade `world` in a process that sends itself `signal` before change number `change`."""
    command = [sys.executable, "-m", "tests.transaction.interrupted"]
    return subprocess.run(
        [*command, str(world.folder), signal, str(change)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def prepare(world: World) -> None:
    """Install the state before the upgrade."""
    world.apply(*OLD)
    (world.library / "alpha" / "mine.txt").write_text("the user's own")


def upgraded(world: World) -> dict[str, bytes | None]:
    """Return the result of an uninterrupted upgrade at the same path."""
    shutil.rmtree(world.folder / "env")
    prepare(world)
    world.apply(*NEW, "gone")
    return world.tree()


def change_of(world: World, number: int) -> int:
    """Return the number of a change: samples are evenly distributed, with a random offset."""
    if not _CHANGES:
        folder = world.folder / "measured"
        folder.mkdir()
        measured = World(folder, world.workers, environment_in(folder))
        prepare(measured)
        _CHANGES.append(int(run(measured, "KILL", 0).stdout.split()[0]))
    share = _CHANGES[0] / SAMPLES
    return max(1, round(share * (number + random.random())))


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("signal", ["KILL", "INT", "TERM"])
@pytest.mark.parametrize("number", range(SAMPLES))
def test_an_interrupted_upgrade_leaves_the_old_environment_or_the_new(
    world: World, signal: str, number: int
) -> None:
    change = change_of(world, number)
    prepare(world)
    old = world.tree()
    ended = run(world, signal, change)
    if signal != "KILL":
        assert not (world.library / TRANSACTION_FOLDER).exists(), (
            f"not rolled back at change {change}"
        )
    recover(world.environment)
    found = world.tree()
    if found != old:
        assert found == upgraded(world), f"neither old nor new at change {change}: {ended.stderr}"
    if signal == "INT":  # "cancelled" is said exactly if nothing has changed
        assert (ended.returncode == 0) == (found != old)


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
        full = World(world.folder, world.workers, environment_in(small))
        full.apply(*OLD)
        old = tree(small)
        big = Wheel(name="big", files={f"big/{n}.bin": os.urandom(40_000) for n in range(10)})
        with pytest.raises(OSError, match="No space left"):
            full.apply(NEW[0], big)
        assert tree(small) == old
    finally:
        subprocess.run(["umount", str(small)], check=True)
