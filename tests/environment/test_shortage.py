"""A look at an environment that fails for lack of handles is an error, not an empty result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipfast.environment.discovery import _listing
from pipfast.environment.metadata_files import read
from pipfast.transaction.environment_look import look_at
from pipfast.transaction.uninstall_paths import _names_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses a limit of POSIX systems")


@contextmanager
def no_handles() -> Iterator[None]:
    """Let no file be opened in the block."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("look", [_listing, _names_in, lambda path: look_at([path])])
def test_a_folder_that_cannot_be_read_is_not_empty(
    tmp_path: Path, look: Callable[[str], object]
) -> None:
    (tmp_path / "demo-1.0.dist-info").mkdir()
    with no_handles(), pytest.raises(OSError, match="Too many open files"):
        look(str(tmp_path))
    assert look(str(tmp_path)) != look(str(tmp_path / "missing"))


def test_a_file_that_cannot_be_opened_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "RECORD").write_text("a")
    with no_handles(), pytest.raises(OSError, match="Too many open files"):
        read(str(tmp_path / "RECORD"))
    assert read(str(tmp_path / "RECORD")) == b"a"
    assert read(str(tmp_path / "missing")) is None
    assert read(str(tmp_path)) is None
