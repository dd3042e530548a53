"""During an upgrade each package is missing for two renames at most."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.kit.wheels import Wheel
from tests.transaction.world import World

NAMES = ("one", "two", "three")
SHARED = "lib/site-packages/two/extra.py"


def version(number: str) -> list[Wheel]:
    return [
        Wheel(name=name, version=number, files={f"{name}/__init__.py": number, f"ns/{name}.py": ""})
        for name in NAMES
    ]


def test_no_package_is_missing_for_longer_than_two_renames(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(*version("1.0"))
    missing: list[frozenset[str]] = []
    rename = os.rename

    def watched(*arguments: Any, **named: Any) -> None:
        rename(*arguments, **named)
        missing.append(frozenset(name for name in NAMES if not (world.library / name).is_dir()))

    monkeypatch.setattr(os, "rename", watched)
    world.apply(*version("2.0"))
    assert all(len(names) <= 1 for names in missing)
    for name in NAMES:
        assert sum(name in names for names in missing) == 1
        assert (world.library / name / "__init__.py").read_text() == "2.0"


def other_tree(world: World) -> dict[str, bytes | None]:
    """Return what an upgrade leaves that removes and installs in two transactions."""
    world.apply(*version("1.0"))
    world.apply("two")
    world.apply(overlapping())
    return world.tree()


def overlapping(version: str = "2.0") -> Wheel:
    """A wheel that brings files of one package by two folders of the scheme."""
    files = {"two/__init__.py": version, "two/sub/a.py": "2"}
    data = {f"data/{SHARED}": "3", "data/share/two.txt": "", "headers/two.h": ""}
    return Wheel(name="two", version=version, files=files, data=data, scripts={"two": "two:m"})


def test_files_that_come_by_two_folders_are_merged(world: World, tmp_path: Path) -> None:
    expected = other_tree(world)
    world.apply("one", "two", "three")
    world.apply(*version("1.0"))
    world.apply(overlapping())
    assert world.tree() == expected
    assert (tmp_path / "env" / SHARED).read_text() == "3"
    assert not list(world.library.glob(".pipfast*"))


def test_a_folder_that_loses_all_its_files_gets_the_new_ones(world: World) -> None:
    world.apply(overlapping("1.0"))
    assert [path.name for path in (world.folder / "env" / "bin").iterdir()] == ["two"]
    world.apply(overlapping("2.0"))
    assert [path.name for path in (world.folder / "env" / "bin").iterdir()] == ["two"]
    assert (world.library / "two" / "__init__.py").read_text() == "2.0"


def test_files_beside_a_package_stay(world: World) -> None:
    world.apply(*version("1.0"))
    (world.library / "two" / "mine.py").write_text("mine")
    world.apply(overlapping())
    found = {path.name for path in (world.library / "two").iterdir()}
    assert found >= {"__init__.py", "mine.py", "sub", "extra.py"}
    world.apply("two")
    assert [path.name for path in (world.library / "two").iterdir()] == ["mine.py"]
