"""A run that is killed at any step, and a rollback that is killed at any step, lose nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.store.workers.inline import InlineWorker
from pipfast.transaction.apply import apply
from pipfast.transaction.recovery import recover
from tests.kit.wheels import Wheel
from tests.transaction.dying import Counter, die, in_child, restore
from tests.transaction.world import World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

STEP = int(os.environ.get("PIPFAST_TEST_STEP", "5"))
"""Of pairs of a failure and a kill, each N-th of both is tried; 1 tries every pair."""

OLD = (
    Wheel(name="alpha", files={"alpha/a.py": "1\n", "ns/a/x.py": "1\n"}, scripts={"a": "alpha:m"}),
    Wheel(name="beta", files={"beta.py": "1\n", "ns/b/x.py": "1\n"}),
)
NEW = (
    Wheel(name="alpha", version="2.0", files={"alpha/b.py": "2\n", "ns/a/x.py": "2\n"}),
    Wheel(name="gamma", files={"gamma/g.py": "1\n"}, scripts={"g": "gamma:m"}),
)


class Upgrade:
    """An upgrade that can be repeated from the same state, and its two valid results."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.apply(*OLD)
        self.env = world.folder / "env"
        self.saved = world.folder / "saved"
        restore(self.env, self.saved)
        self.old = world.tree()
        archives = world.unpacked(NEW)
        plan = world.plan(*NEW, "beta")
        environment = world.environment

        def run() -> None:
            with InlineWorker(environment.executable) as worker:
                apply(plan, archives, environment, worker, world.listen)

        self.run = run
        run()
        self.new = world.tree()
        self.back()

    def back(self) -> None:
        """Restore the state before the upgrade."""
        restore(self.saved, self.env)

    def recover(self) -> None:
        """Do what the next run does."""
        recover(self.world.environment, self.world.listen)

    def is_whole(self) -> bool:
        """Return whether the environment is the old or the new one."""
        return self.world.tree() in (self.old, self.new)


@pytest.fixture
def upgrade(world: World) -> Upgrade:
    return Upgrade(world)


def interrupt() -> None:
    raise KeyboardInterrupt


def full_disk() -> None:
    raise OSError(28, os.strerror(28))


def test_a_run_that_is_killed_at_any_call_leaves_the_old_environment_or_the_new(
    upgrade: Upgrade,
) -> None:
    number = 0
    results = set()
    while True:
        number += 1
        upgrade.back()
        count = in_child(upgrade.run, number)
        if count >= 0:
            break
        upgrade.recover()
        assert upgrade.is_whole(), f"killed at call {number}"
        results.add(upgrade.world.tree() == upgrade.new)
    assert number > 50
    assert results == {True, False}


def test_a_recovery_that_is_killed_at_any_call_is_finished_in_the_same_direction(
    upgrade: Upgrade,
) -> None:
    calls = in_child(upgrade.run, 0)
    for number in range(1, calls + 1, STEP):
        half = upgrade.world.folder / "half"
        upgrade.back()
        in_child(upgrade.run, number)
        restore(upgrade.env, half)
        upgrade.recover()
        expected = upgrade.world.tree()
        for step in range(1, 200, STEP):
            restore(half, upgrade.env)
            if in_child(upgrade.recover, step) >= 0:
                break
            upgrade.recover()
            assert upgrade.world.tree() == expected, f"killed at {number}, recovery at {step}"


@pytest.mark.parametrize("fault", [interrupt, full_disk])
def test_a_way_back_that_is_killed_at_any_call_leaves_the_old_environment_or_the_new(
    upgrade: Upgrade, fault: Callable[[], None]
) -> None:
    calls = in_child(upgrade.run, 0)
    for number in range(1, calls + 1, STEP):
        upgrade.back()
        in_child(upgrade.run, number, fault)
        upgrade.recover()  # what is left after a commit
        assert upgrade.is_whole(), f"failed at call {number}"
        for later in range(1, 200, STEP):
            upgrade.back()
            if in_child(upgrade.run, number, FaultThenDeath(fault, later)) >= 0:
                break
            upgrade.recover()
            assert upgrade.is_whole(), f"failed at {number}, killed {later} calls later"


class FaultThenDeath:
    """Fails a call, and kills the process `later` calls after it."""

    def __init__(self, fault: Callable[[], None], later: int) -> None:
        self.fault = fault
        self.later = later

    def __call__(self) -> None:
        Counter(self.later, die).install()
        self.fault()


def test_a_killed_run_leaves_no_file_of_its_own_outside_the_environment(
    upgrade: Upgrade, tmp_path: Path
) -> None:
    before = set(tmp_path.iterdir())
    in_child(upgrade.run, 30)
    upgrade.recover()
    assert set(tmp_path.iterdir()) == before
