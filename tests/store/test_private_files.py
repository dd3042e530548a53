import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipfast.store.filesystem.private_files import make_folders, private_folder


def test_a_folder_and_its_parents_are_private_below_the_caches(tmp_path: Path) -> None:
    folder = tmp_path / "pip" / "pipfast" / "v1" / "tmp"
    for _ in range(2):
        private_folder(str(folder))
    assert [part.stat().st_mode & 0o777 for part in (folder, folder.parent)] == [0o700, 0o700]


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        private_folder(str(tmp_path / "file"))


@pytest.mark.parametrize("make", [private_folder, make_folders])
def test_the_error_of_a_disk_is_not_told_as_a_file_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], None]
) -> None:
    def failing(path: Any, **_: Any) -> os.stat_result:
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    monkeypatch.setattr("os.stat", failing)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        make(str(tmp_path))


def test_a_folder_that_exists_after_all_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look of `os.makedirs` fails once; it does not say so."""
    monkeypatch.setattr("os.path.isdir", lambda _: False)
    make_folders(str(tmp_path))
