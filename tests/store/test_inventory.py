from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipfast.store.filesystem.in_use import hold
from pipfast.store.filesystem.owned_names import TEMPORARY, owner, temporary_store_folder
from pipfast.store.filesystem.root import located
from pipfast.store.inventory import Inventory, size_of

WHEELS = ("demo-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl", "demo_x-1.0-py3-none-any.whl")
OWN = "pipfast/v1/built/wheels/aa/bb/demo-3.0-py3-none-any.whl"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    for number, name in enumerate(WHEELS):
        write(folder / "wheels" / f"{number}0" / name)
        write(folder / "wheels" / f"{number}0" / "origin.json")
    for name in ("http-v2/0/1/a.body", "http/0/1/b", OWN, "pipfast/v1/pages/a/b"):
        write(folder / name)
    return folder


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("12345", encoding="utf-8")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", [*WHEELS, Path(OWN).name]),
        ("demo", [WHEELS[0], WHEELS[1], Path(OWN).name]),
        ("demo-1", [WHEELS[0]]),
        ("demo*", [*WHEELS, Path(OWN).name]),
        ("dem", []),
    ],
)
def test_a_pattern_is_a_project_or_a_version(cache: Path, pattern: str, names: list[str]) -> None:
    assert sorted(path.name for path in Inventory(cache).wheels(pattern)) == sorted(names)


def test_a_wheel_with_two_names_is_told_once_and_removed_twice(cache: Path) -> None:
    os.link(cache / OWN, cache / "wheels" / "00" / Path(OWN).name)
    inventory = Inventory(cache)
    assert len(inventory.wheels("demo-3.0")) == 1
    inventory.remove(inventory.built("demo-3.0"), everything=False)
    assert list(inventory.built("demo-3.0")) == []


def test_folders_without_wheels_go_with_their_origins(cache: Path) -> None:
    inventory = Inventory(cache)
    removed = inventory.remove(inventory.built("demo-1.0"), everything=False)
    assert removed.folders == (cache.resolve() / "wheels" / "00",)
    assert removed.size == 5
    assert inventory.store.is_dir()
    assert (cache / "http-v2").is_dir()


def test_with_everything_nothing_is_left(cache: Path) -> None:
    inventory = Inventory(cache)
    removed = inventory.remove([*inventory.built("*"), *inventory.answers()], everything=True)
    assert len(removed.files) == 7
    assert list(cache.iterdir()) == []


def test_a_cache_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    inventory = Inventory(tmp_path / "cache")
    assert inventory.wheels("*") == inventory.answers() == []
    assert inventory.remove([], everything=True).folders == ()
    assert size_of(inventory.folder) == 0


def test_links_have_no_size(tmp_path: Path) -> None:
    write(tmp_path / "file")
    (tmp_path / "link").symlink_to("file")
    assert size_of(tmp_path) == 5


def test_what_runs_write_or_use_in_place_stays(cache: Path) -> None:
    store = located(str(cache))
    written = Path(temporary_store_folder(str(store.root)), "files", "0")
    killed = store.root / TEMPORARY / f"new-{owner().rpartition('-')[0]}-1-00c0ffee" / "0"
    used, unused = (store.path("prefixes", key) / "overlay" / "x" for key in ("used", "unused"))
    for path in (written, killed, used, unused, store.path("archives", "a") / "manifest"):
        write(path)
    hold(str(used.parents[1]))
    inventory = Inventory(cache)
    removed = inventory.remove([], everything=True)
    left = [path for path in inventory.store.rglob("*") if path.is_file()]
    assert sorted(left) == sorted([written, used])
    assert not set(left) & set(removed.files)
    assert removed.size == 5 * len(removed.files)
