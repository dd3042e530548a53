from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.transaction.removal import Outgoing
from pipfast.transaction.removal_summary import in_full, in_short, moved, outermost
from tests.transaction.test_owned_files import found, write

FILES = ("demo/__init__.py", "demo/a.py", "demo/__pycache__/a.pyc", "demo-1.0.dist-info/RECORD",
         "single.py", "plain/a.txt")  # fmt: skip


@pytest.fixture
def leaving(tmp_path: Path) -> Outgoing:
    """A distribution of a package, a module and a file."""
    write(tmp_path, dict.fromkeys(FILES, ""))
    paths = frozenset(str(tmp_path / name) for name in FILES)
    return Outgoing(found(tmp_path / "demo-1.0.dist-info"), paths, paths)


def shown(paths: tuple[str, ...], folder: Path) -> list[str]:
    return [path.removeprefix(f"{folder}{os.sep}") for path in paths]


def test_packages_and_metadata_are_shown_as_wholes(leaving: Outgoing, tmp_path: Path) -> None:
    listing = in_short(leaving)
    assert shown(listing.goes, tmp_path) == [
        "demo-1.0.dist-info/*",
        "demo/*",
        "plain/a.txt",
        "single.py",
    ]
    assert listing.stays == ()


def test_what_nobody_listed_is_shown_as_staying(leaving: Outgoing, tmp_path: Path) -> None:
    write(tmp_path, {"demo/sub/notes.txt": "", "demo/b.pyc": "", "plain/mine.txt": ""})
    assert shown(in_short(leaving).stays, tmp_path) == ["demo/sub/notes.txt"]


def test_in_full_every_file_is_shown(leaving: Outgoing, tmp_path: Path) -> None:
    assert shown(in_full(leaving).goes, tmp_path) == sorted(FILES)


def test_folders_that_lose_all_are_moved_whole(leaving: Outgoing, tmp_path: Path) -> None:
    write(tmp_path, {"plain/mine.txt": ""})
    assert shown(moved(leaving), tmp_path) == [
        "demo-1.0.dist-info/",
        "demo/",
        "plain/a.txt",
        "single.py",
    ]


NAMES = st.lists(st.sampled_from("ab*"), min_size=1, max_size=4).map(lambda parts: "/".join(parts))


@given(st.sets(NAMES.map("/".__add__)))
def test_nothing_shown_is_in_something_else_that_is_shown(paths: set[str]) -> None:
    kept = outermost(paths)
    assert kept <= paths
    assert all(outermost([one, other]) == {one, other} for one in kept for other in kept)
    assert outermost(kept) == kept
