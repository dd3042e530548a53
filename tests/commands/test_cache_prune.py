"""`pipfast cache info` by kind and `cache prune`, over a store that real runs have filled."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipfast.report.remote_lines import NOT_SET
from tests.kit.own_command import Ended, Workplace, add_index
from tests.kit.site import serving
from tests.kit.wheels import Sdist, wheel

DAY = 86_400.0


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A store with two unpacked wheels, of which one is installed, and a built wheel."""
    place = Workplace(tmp_path, {"PIPFAST_LINK_MODE": "hardlink"})
    place.make_env()
    place.offer(wheel("used"), wheel("gone"), Sdist(name="made"))
    assert place.run("install", "used", "gone").code == 0
    assert place.run("uninstall", "-y", "gone").code == 0
    done = place.run("wheel", "made", "--no-deps", "--no-build-isolation", "-w", "out")
    assert done.code == 0, done.err
    return place


def archives(place: Workplace) -> list[str]:
    """The names of the distributions in the store, by what they contain."""
    found = []
    for folder in (place.cache / "pipfast/v1/archives").glob("*"):
        found += [
            name
            for name in ("used", "gone")
            if f"{name}-1.0.dist-info".encode() in _content(folder)
        ]
    return sorted(found)


def _content(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def grow_old(place: Workplace, days: float) -> None:
    """Set the times of all entries in the cache; files of unpacked wheels must keep theirs."""
    moment = time.time() - days * DAY
    unpacked = place.cache / "pipfast/v1/archives"
    for path in place.cache.rglob("*"):
        if path.parent == unpacked or unpacked not in path.parents:
            os.utime(path, (moment, moment))


def built(place: Workplace) -> list[str]:
    return sorted({path.name for path in place.cache.rglob("made-*.whl")})


def test_what_an_environment_shares_and_what_was_built_here_stays(place: Workplace) -> None:
    assert archives(place) == ["gone", "used"]
    grow_old(place, 31)
    ended = place.run("cache", "prune")
    assert (ended.code, ended.err) == (0, "")
    assert any(line.startswith("Removed unpacked wheels: 1, ") for line in ended.lines)
    assert archives(place) == ["used"]
    assert built(place) == ["made-1.0-py3-none-any.whl"]


def test_what_was_used_lately_stays(place: Workplace) -> None:
    grow_old(place, 29)
    place.run("cache", "prune")
    assert archives(place) == ["gone", "used"]
    place.run("cache", "prune", "--days", "28")
    assert archives(place) == ["used"]


def test_a_run_that_uses_an_entry_makes_it_recent(place: Workplace) -> None:
    grow_old(place, 31)
    assert place.run("install", "gone").code == 0
    assert place.run("uninstall", "-y", "gone").code == 0
    place.run("cache", "prune")
    assert archives(place) == ["gone", "used"]


def test_a_copied_environment_does_not_need_the_store(place: Workplace) -> None:
    place.run("uninstall", "-y", "used")
    assert place.run("install", "used", PIPFAST_LINK_MODE="copy").code == 0
    grow_old(place, 31)
    place.run("cache", "prune")
    assert archives(place) == []
    assert place.run("check").code == 0


def test_ci_keeps_what_cannot_be_downloaded_again(place: Workplace) -> None:
    site = next(place.env.rglob("site-packages"))
    before = {path: path.read_bytes() for path in site.rglob("*.py")}
    assert place.run("cache", "prune", "--ci").code == 0
    assert archives(place) == []
    left = {path.parts[len(place.cache.parts)] for path in place.cache.rglob("*") if path.is_file()}
    assert left <= {"wheels", "pipfast", "pipfast-journal.key", "parity"}
    assert built(place) == ["made-1.0-py3-none-any.whl"]
    assert {path: path.read_bytes() for path in site.rglob("*.py")} == before
    again = place.run("wheel", "made", "--no-deps", "--no-build-isolation", "-w", "again", "-v")
    assert "Building wheel for made" not in again.out


def test_a_dry_run_removes_nothing(place: Workplace) -> None:
    grow_old(place, 31)
    before = sorted(place.cache.rglob("*"))
    ended = place.run("cache", "prune", "--dry-run")
    assert any(line.startswith("Would remove unpacked wheels: 1, ") for line in ended.lines)
    assert ended.lines[-1].startswith("This would free ")
    assert sorted(place.cache.rglob("*")) == before


def test_the_json_documents_have_kinds_with_sizes(place: Workplace) -> None:
    kinds = _kinds(place.run("cache", "info", "--json"), "kinds")
    assert kinds["unpacked-wheels"]["entries"] == 2
    shared = kinds["unpacked-wheels"]["shared"]
    assert 0 < shared < kinds["unpacked-wheels"]["size"]
    assert kinds["built-wheels"]["entries"] >= 1
    assert "other" not in kinds
    grow_old(place, 31)
    ended = place.run("cache", "prune", "--json")
    removed, kept = _kinds(ended, "removed"), _kinds(ended, "kept")
    assert (removed["unpacked-wheels"]["entries"], kept["unpacked-wheels"]["entries"]) == (1, 1)
    assert ended.document["freed"] == sum(one["size"] - one["shared"] for one in removed.values())


def _kinds(ended: Ended, key: str) -> dict[str, dict[str, int]]:
    found = ended.document[key]
    assert isinstance(found, dict)
    return found


def test_info_has_a_line_for_each_kind_under_its_own_name(place: Workplace) -> None:
    lines = place.run("cache", "info").lines
    assert any(line.startswith("  unpacked wheels: 2, ") for line in lines)
    assert any(line.startswith("  noted changes of environments: 2, ") for line in lines)
    assert any(line.startswith("  last command for 'why --last': 1, ") for line in lines)
    assert not any(line.startswith("  other") for line in lines)
    pips = place.run("cache", "info", program="pip").lines
    assert pips == lines[: len(pips)]
    assert not any(line.startswith("  ") for line in pips)
    assert place.run("cache", "info", PIPFAST_PIP_COMPAT="1").lines == pips


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["info", "--ci"], "ERROR: --days, --ci and --dry-run are options of prune\n"),
        (["list", "--json"], "ERROR: --json is an option of info, prune, pull and push\n"),
        (["prune", "--days=-1"], "ERROR: --days must not be negative\n"),
        (["prune", "--days=1", "--ci"], "ERROR: prune takes --days or --ci\n"),
        (["prune", "demo"], "ERROR: Too many arguments\n"),
        (["push", "demo"], "ERROR: Too many arguments\n"),
        (["info", "-r", "a"], "ERROR: -r and the options of wheel are for pull\n"),
        (["push"], f"ERROR: {NOT_SET}\n"),
    ],
)
def test_wrong_arguments_are_one_error(tmp_path: Path, words: list[str], error: str) -> None:
    ended = Workplace(tmp_path).run("cache", *words)
    assert (ended.code, ended.out, ended.err) == (1, "", error)


def test_a_program_named_pip_has_pips_actions_and_options(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    assert place.run("cache", "prune", program="pip").err == (
        "ERROR: Need an action (dir, info, list, purge, remove) to perform.\n"
    )
    assert place.run("cache", "info", "--json", program="pip").code == 2


def test_an_empty_cache_has_nothing_to_remove(tmp_path: Path) -> None:
    ended = Workplace(tmp_path).run("cache", "prune")
    assert (ended.code, ended.lines) == (0, ["Nothing to remove; 0 entries stay, 0 bytes"])


def test_a_wheel_that_was_not_downloaded_again_is_recent_too(tmp_path: Path) -> None:
    with serving() as site:
        url = add_index(site, "main", wheel("demo"))
        place = Workplace(
            tmp_path, {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": url}
        )
        place.make_env()
        place.run("install", "demo")
        place.run("uninstall", "-y", "demo")
        grow_old(place, 31)
        assert place.run("install", "demo").code == 0
    [archive] = (place.cache / "pipfast/v1/archives").iterdir()
    assert archive.stat().st_mtime > time.time() - DAY
