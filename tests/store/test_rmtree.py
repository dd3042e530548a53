from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipfast.store.filesystem.rmtree import remove_trees


def make(folder: Path, width: int) -> None:
    """A tree of three levels, with files in each folder."""
    for outer in range(width):
        for inner in range(width):
            place = folder / str(outer) / str(inner)
            place.mkdir(parents=True)
            (place / "file").write_text("x", encoding="utf-8")
            (place.parent / "file").write_text("x", encoding="utf-8")


@pytest.mark.parametrize("width", [0, 1, 3, 12])
def test_a_tree_goes_with_all_that_is_in_it(tmp_path: Path, width: int) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    make(folder, width)
    remove_trees(str(folder))
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    folder, other = tmp_path / "tree", tmp_path / "other"
    for place in (folder, other):
        make(place, 3)
    (folder / "to a folder").symlink_to(other)
    (folder / "to nothing").symlink_to("nowhere")
    remove_trees(str(folder))
    assert not folder.exists()
    assert len(list(other.rglob("file"))) == 12


def test_what_is_gone_already_is_no_error(tmp_path: Path) -> None:
    remove_trees(str(tmp_path / "gone"))


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such modes")
def test_what_cannot_be_removed_is_an_error_and_the_rest_goes(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    folder = tmp_path / "tree"
    make(folder, 12)
    (folder / "5").chmod(0o500)
    try:
        with pytest.raises(OSError, match="Permission denied"):
            remove_trees(str(folder))
        assert [path.name for path in folder.iterdir()] == ["5"]
    finally:
        (folder / "5").chmod(0o700)


def test_a_file_is_no_tree(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(NotADirectoryError):
        remove_trees(str(file))
