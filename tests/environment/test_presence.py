"""An error that is not absence is no empty folder and no missing file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipfast.environment.metadata_files import read
from pipfast.environment.presence import (
    exists,
    is_folder,
    is_link,
    is_real_folder,
    is_there,
    make_folders,
    names_in,
)
from pipfast.transaction.environment_look import look_at
from pipfast.transaction.removal_moves import removal_moves

resource = pytest.importorskip("resource", reason="only POSIX limits open files this way")


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let every attempt to open something fail in the block."""
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "look",
    [
        names_in,
        lambda folder: read(f"{folder}/file"),
        lambda folder: look_at([folder]),
        lambda folder: removal_moves([f"{folder}/file"]),
    ],
)
def test_too_many_open_files_are_an_error(look: Callable[[str], object], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "folder").mkdir()
    with no_more_files(), pytest.raises(OSError, match="Too many open files") as caught:
        look(str(tmp_path))
    assert caught.value.errno == errno.EMFILE


def test_what_does_not_exist_is_absent(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in (tmp_path / "none", file / "below", Path(f"{tmp_path}/{'n' * 300}")):
        assert not is_there(str(path))
        assert not exists(str(path))
        assert not is_folder(str(path))
        assert names_in(str(path)) == []
        assert read(str(path)) is None
    assert not is_there("a\0b")
    assert is_there(str(loop))
    assert not exists(str(loop))


def test_links_are_told_from_folders(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert is_folder(str(link))
    assert is_link(str(link))
    assert not is_real_folder(str(link))
    assert is_real_folder(str(tmp_path))


def test_a_folder_is_made_only_where_it_is_missing(tmp_path: Path) -> None:
    make_folders(str(tmp_path / "one" / "two"))
    make_folders(str(tmp_path / "one" / "two"))
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folders(str(tmp_path / "file"))
    assert (tmp_path / "one" / "two").is_dir()
