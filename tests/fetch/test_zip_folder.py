import os
import stat
from pathlib import Path
from zipfile import ZipFile

import pytest

from pipfast.fetch.zip_folder import zip_folder


def test_a_folder_is_zipped_whole_with_empty_folders_and_modes(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "empty").mkdir(parents=True)
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "c.txt").write_text("c")
    (tree / "run.sh").write_text("#!/bin/sh")
    (tree / "run.sh").chmod(0o755)
    place = tmp_path / "to" / "demo-1.0.zip"
    place.parent.mkdir()
    zip_folder(tree, "Demo", place)
    with ZipFile(place) as archive:
        names = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
        assert archive.read("Demo/a/b/c.txt") == b"c"
    assert names.keys() == {"Demo/empty/", "Demo/a/", "Demo/a/b/", "Demo/a/b/c.txt", "Demo/run.sh"}
    assert names["Demo/empty/"] == 0o755
    if os.name == "posix":
        assert stat.S_IMODE(names["Demo/run.sh"]) == 0o755
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_repository_that_leans_on_another_is_made_whole(tmp_path: Path) -> None:
    lender, tree = tmp_path / "lender", tmp_path / "tree"
    (lender / "pack").mkdir(parents=True)
    for suffix in ("idx", "pack"):
        (lender / "pack" / f"pack-1.{suffix}").write_bytes(b"commits")
    for folder in ("info", "pack"):
        (tree / ".git" / "objects" / folder).mkdir(parents=True)
    (tree / ".git" / "objects" / "info" / "alternates").write_text(f"{lender}\n", "utf-8")
    zip_folder(tree, "demo", tmp_path / "demo.zip")
    with ZipFile(tmp_path / "demo.zip") as archive:
        assert archive.read("demo/.git/objects/pack/pack-1.pack") == b"commits"
        assert "demo/.git/objects/info/alternates" not in archive.namelist()


def test_a_time_that_zip_cannot_tell_is_no_hindrance(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "old.txt").write_text("old")
    os.utime(tree / "old.txt", (0, 0))
    zip_folder(tree, "demo", tmp_path / "demo.zip")
    with ZipFile(tmp_path / "demo.zip") as archive:
        assert archive.namelist() == ["demo/old.txt"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_nothing_half_done_stays(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "secret").write_text("x")
    (tree / "secret").chmod(0)
    (tmp_path / "to").mkdir()
    with pytest.raises(OSError, match="denied"):
        zip_folder(tree, "demo", tmp_path / "to" / "demo.zip")
    assert not list((tmp_path / "to").iterdir())
