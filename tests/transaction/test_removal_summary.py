from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.transaction.removal_summary import (
    full_summary,
    moved_paths,
    outermost,
    short_summary,
)
from pipfast.transaction.uninstall_paths import UninstallPaths
from tests.transaction.test_owned_files import installed_at, write

FILES = ("demo/__init__.py", "demo/a.py", "demo/__pycache__/a.pyc", "demo-1.0.dist-info/RECORD",
         "single.py", "plain/a.txt")  # fmt: skip


@pytest.fixture
def uninstall(tmp_path: Path) -> UninstallPaths:
    """Return the paths of a distribution with a package, a module and another file."""
    write(tmp_path, dict.fromkeys(FILES, ""))
    paths = frozenset(str(tmp_path / name) for name in FILES)
    return UninstallPaths(installed_at(tmp_path / "demo-1.0.dist-info"), paths, paths)


def shown(paths: tuple[str, ...], folder: Path) -> list[str]:
    return [path.removeprefix(f"{folder}{os.sep}") for path in paths]


def test_packages_and_metadata_are_shown_by_their_folder(
    uninstall: UninstallPaths, tmp_path: Path
) -> None:
    summary = short_summary(uninstall)
    assert shown(summary.removed, tmp_path) == [
        "demo-1.0.dist-info/*",
        "demo/*",
        "plain/a.txt",
        "single.py",
    ]
    assert summary.remains == ()


def test_files_that_record_does_not_list_are_shown_as_remaining(
    uninstall: UninstallPaths, tmp_path: Path
) -> None:
    write(tmp_path, {"demo/sub/notes.txt": "", "demo/b.pyc": "", "plain/mine.txt": ""})
    assert shown(short_summary(uninstall).remains, tmp_path) == ["demo/sub/notes.txt"]


def test_the_full_summary_lists_every_file(uninstall: UninstallPaths, tmp_path: Path) -> None:
    assert shown(full_summary(uninstall).removed, tmp_path) == sorted(FILES)


def test_folders_that_become_empty_are_moved_as_a_whole(
    uninstall: UninstallPaths, tmp_path: Path
) -> None:
    write(tmp_path, {"plain/mine.txt": ""})
    assert shown(moved_paths(uninstall), tmp_path) == [
        "demo-1.0.dist-info/",
        "demo/",
        "plain/a.txt",
        "single.py",
    ]


NAMES = st.lists(st.sampled_from("ab*"), min_size=1, max_size=4).map(lambda parts: "/".join(parts))


@given(st.sets(NAMES.map("/".__add__)))
def test_no_outermost_path_is_inside_another(paths: set[str]) -> None:
    result = outermost(paths)
    assert result <= paths
    assert all(outermost([path, other]) == {path, other} for path in result for other in result)
    assert outermost(result) == result
