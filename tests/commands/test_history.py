"""`pipfast history` in real environments."""

from __future__ import annotations

import os
import re
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.model.frozen_dataclass import replace
from pipfast.store.change_history import AREA, CHANGES, ENVIRONMENTS, ChangeHistory
from pipfast.store.filesystem.entries import Entries
from tests.kit.house import House
from tests.kit.projects import project
from tests.kit.wheels import sha256, wheel

DEMO, NEWER, DEP = wheel("demo", "1.0"), wheel("demo", "2.0", "dep"), wheel("dep")


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.offer(DEMO, NEWER, DEP)
    return made


def notes(house: House) -> list[Path]:
    return sorted(house.cache.rglob(f"{AREA}/*/*.json"))


@pytest.mark.parametrize("parity", ["0", "1"])
def test_what_came_and_went_and_changed_is_noted(house: House, parity: str) -> None:
    house.variables["PIPFAST_PIP_COMPAT"] = parity
    house.run("install", "demo<2")
    house.run("install", "-U", "demo")
    house.run("uninstall", "-y", "demo", "dep")
    document = house.json("history", "--json")
    assert document["environment"] == str(house.env)
    first, second, third = document["changes"]
    assert [first["number"], second["number"], third["number"]] == [1, 2, 3]
    assert second["command"][2:] == ["install", "-U", "demo"]
    [demo] = first["distributions"]
    assert (demo["name"], demo["before"]) == ("demo", None)
    assert demo["after"] == {
        "version": "1.0",
        "requested": True,
        "sha256": sha256(DEMO.content),
        "url": (house.wheels / DEMO.filename).as_uri(),
        "direct_url": None,
    }
    moved = [
        (one["name"], (one["before"] or {}).get("version"), (one["after"] or {}).get("version"))
        for change in (second, third)
        for one in change["distributions"]
    ]
    assert moved == [
        ("dep", None, "1.0"), ("demo", "1.0", "2.0"), ("demo", "2.0", None), ("dep", "1.0", None),
    ]  # fmt: skip


def test_the_latest_change_is_shown_first(house: House) -> None:
    house.run("install", "demo<2")
    house.run("install", "-U", "demo")
    lines = house.run("history").splitlines()
    assert lines[0] == f"Changes of {house.env}:"
    assert re.fullmatch(
        rf"   2  \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  --python {house.env} install -U demo", lines[1]
    )
    assert lines[2:4] == ["      + dep 1.0", "      > demo 1.0 -> 2.0"]
    assert lines[5] == "      + demo 1.0"
    shown = house.run("history", "1")
    assert f"1.0: {(house.wheels / DEMO.filename).as_uri()}  sha256:" in shown
    assert "2.0" not in shown


def test_a_run_that_changes_nothing_is_not_noted(house: House) -> None:
    house.run("install", "demo<2")
    house.run("install", "demo<2")
    house.run("install", "--dry-run", "-U", "demo")
    house.run("install", "nowhere", code=1)
    house.run("uninstall", "-y", "nowhere")
    house.run("install", "--target", "elsewhere", "dep")
    house.run("download", "dep")
    assert len(house.json("history", "--json")["changes"]) == 1


def test_an_environment_without_changes_has_an_empty_history(house: House) -> None:
    assert house.run("history") == "No changes are noted.\n"
    assert house.json("history", "--json")["changes"] == []
    assert "'x' is not the number of a change" in house.run("history", "x", code=1)
    assert "There is no change 7" in house.run("history", "7", code=1)
    assert "no such option: --yaml" in house.run("history", "--yaml", code=2)


def test_installs_of_a_build_environment_are_not_noted(house: House) -> None:
    folder = house.project(project("built"))
    house.run("install", str(folder))
    [change] = house.json("history", "--json")["changes"]
    assert [one["name"] for one in change["distributions"]] == ["built"]


def test_environments_have_histories_of_their_own(house: House, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = House(tmp_path / "other", {"PIP_CACHE_DIR": str(house.cache)})
    other.offer(DEMO)
    house.run("install", "demo<2")
    other.run("install", "demo")
    assert len(house.json("history", "--json")["changes"]) == 1
    assert len(other.json("history", "--json")["changes"]) == 1
    assert len(notes(house)) == 2


def test_only_the_user_can_read_the_notes(house: House) -> None:
    house.run("install", "demo")
    [note] = notes(house)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700


def test_no_secret_of_the_command_line_is_noted(house: House) -> None:
    house.run(
        "install", "demo<2", "--proxy", "me:hushProxy@127.0.0.1:1", "--index-url",
        "http://me:hushIndex@127.0.0.1:1/simple?key=hushQuery", "-C", "token=hushToken",
        "--trusted-host", "hushVariable", MY_TOKEN="hushVariable",
    )  # fmt: skip
    [note] = notes(house)
    assert "hush" not in note.read_text()
    assert "hush" not in house.run("history")


@pytest.mark.parametrize("case", ["read-only", "no cache", "a file in its place"])
def test_a_store_that_cannot_be_written_is_no_error(house: House, case: str) -> None:
    words: tuple[str, ...] = ()
    if case == "no cache":
        words = ("--no-cache-dir",)
    elif case == "read-only":
        house.variables["PIP_CACHE_DIR"] = "/proc/no/cache"
    else:
        area = house.cache / "pipfast/v1" / AREA
        area.parent.mkdir(parents=True)
        area.write_text("")
    output = house.run("install", "demo<2", *words)
    assert "history" not in output
    house.run("uninstall", "-y", "demo", *words)
    assert house.json("history", "--json")["changes"] == []


def test_purging_the_cache_removes_the_history(house: House) -> None:
    house.run("install", "demo")
    house.run("cache", "purge")
    assert notes(house) == []
    assert not (house.cache / "pipfast/v1" / AREA).exists()


def test_a_damaged_note_is_skipped(house: House) -> None:
    house.run("install", "demo<2")
    house.run("install", "-U", "demo")
    for text in ("", "{", "[]", '{"format": 1}', '{"format": 2}', '{"format": 1, "time": []}'):
        notes(house)[0].write_text(text)
        assert [one["number"] for one in house.json("history", "--json")["changes"]] == [2]


def change(version: str = "1.0") -> Change:
    states = DistributionState(name="demo", version=version), None
    return Change(time=1.0, words=("install",), distributions=(DistributionChange(*states),))


def test_the_last_hundred_changes_are_kept(tmp_path: Path) -> None:
    history = ChangeHistory(Entries(str(tmp_path)), "/env")
    for number in range(1, CHANGES + 5):
        assert history.add(change(str(number))) == number
    kept = history.changes()
    assert [one.number for one in kept] == list(range(5, CHANGES + 5))
    assert kept[-1] == replace(change(str(CHANGES + 4)), number=CHANGES + 4)


def test_the_number_of_environments_is_limited(tmp_path: Path) -> None:
    store = Entries(str(tmp_path))
    for number in range(ENVIRONMENTS):
        assert ChangeHistory(store, f"/env{number}").add(change())
    folders = sorted((tmp_path / AREA).iterdir(), key=os.path.getmtime)
    for age, folder in enumerate(folders):
        os.utime(folder, (age, age))
    assert ChangeHistory(store, "/new").add(change()) == 1
    left = {*(tmp_path / AREA).iterdir()}
    assert len(left) < ENVIRONMENTS
    assert folders[-1] in left
    assert folders[0] not in left
    assert ChangeHistory(store, "/new").changes()


def test_two_runs_at_the_same_time_have_notes_of_their_own(tmp_path: Path) -> None:
    history = ChangeHistory(Entries(str(tmp_path)), "/env")
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: history.add(change()), range(40)))
    assert sorted(number or 0 for number in numbers) == list(range(1, 41))


def test_a_note_takes_less_than_a_millisecond(tmp_path: Path) -> None:
    history = ChangeHistory(Entries(str(tmp_path)), "/env")
    taken = []
    for _ in range(20):
        began = time.perf_counter()
        history.add(change())
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.001
