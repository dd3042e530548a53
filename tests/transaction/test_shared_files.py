"""Files that several distributions list: guarded mode keeps them, parity mode says what it did."""

from __future__ import annotations

import pytest

from pipfast.model.frozen_dataclass import replace
from tests.kit.wheels import Wheel
from tests.transaction.world import World

FIRST = Wheel(name="first", files={"first/__init__.py": "", "common/__init__.py": "1"})
SECOND = Wheel(name="second", files={"second/__init__.py": "", "common/__init__.py": "1"})
NEXT = Wheel(name="first", version="2.0", files={"first/__init__.py": ""})
LISTING = Wheel(
    name="evil", files={"evil/__init__.py": ""}, record="evil/__init__.py,,\nfirst/__init__.py,,\n"
)
KEPT = "WARNING: Not removing files of {} that {} lists, too: "
REMOVED = "WARNING: Removed files of {} that {} lists, too: "


@pytest.fixture(params=[True, False], ids=["guarded", "parity"])
def guarded(request: pytest.FixtureRequest, world: World) -> bool:
    world.environment = replace(world.environment, is_guarded=request.param)
    return bool(request.param)


def lines(world: World, start: str) -> list[str]:
    told = [" ".join(line.split()) for line in world.lines]  # some are indented
    return [line.removeprefix(start) for line in told if line.startswith(start)]


@pytest.mark.parametrize("change", ["first", NEXT], ids=["uninstall", "upgrade"])
def test_a_file_of_another_distribution(world: World, guarded: bool, change: Wheel | str) -> None:
    world.apply(FIRST)
    world.apply(SECOND)
    world.apply(change)
    common = world.library / "common/__init__.py"
    assert common.exists() == guarded
    bytecode = list((world.library / "common").rglob("*.pyc"))
    assert bool(bytecode) == guarded
    start = (KEPT if guarded else REMOVED).format("first", "second")
    [told] = lines(world, start)
    assert told.startswith(str(common))
    assert told.endswith("get them back") != guarded
    assert (world.library / "second/__init__.py").exists()


def test_a_file_that_a_record_claims(world: World, guarded: bool) -> None:
    world.apply(FIRST)
    world.apply(LISTING)
    world.apply("evil")
    assert (world.library / "first/__init__.py").exists() == guarded
    assert not (world.library / "evil").exists()


def test_distributions_that_leave_together_leave_nothing(world: World, guarded: bool) -> None:
    world.apply(FIRST)
    world.apply(SECOND)
    del world.lines[:]
    world.apply("first", "second")
    assert not list(world.library.glob("*"))
    assert not lines(world, "WARNING:")


def test_an_install_that_replaces_a_file_says_so(world: World, guarded: bool) -> None:
    world.apply(FIRST)
    world.apply(SECOND)
    told = lines(world, "WARNING: Replaced files that belong to first, too: ")
    assert len(told) == 1
    assert str(world.library / "common/__init__.py") in told[0]
    del world.lines[:]
    (world.library / "loose.py").write_text("of nobody")
    world.apply(Wheel(name="third", files={"loose.py": ""}))
    assert not lines(world, "WARNING:")


def test_an_upgrade_does_not_replace_its_own_files(world: World, guarded: bool) -> None:
    world.apply(FIRST)
    world.apply(replace_version(FIRST))
    assert not lines(world, "WARNING:")


def replace_version(wheel: Wheel) -> Wheel:
    return Wheel(name=wheel.name, version="3.0", files=wheel.files)
