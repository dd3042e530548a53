"""Remove the folders of a transaction, and folders that became empty."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable
from contextlib import suppress

from pipfast.store.filesystem.rmtree import remove_trees

_PATIENCE = 2.0
"""How long to wait for workers of a killed run, which end within milliseconds, in seconds."""


def remove_stage(stage: str, kept: str = "") -> None:
    """Remove the content of a folder of the transaction, except the file called `kept`.

    Raises OSError. On Windows, files that another program has open stay for the next run.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            _remove_content(stage, kept)
        except OSError as error:  # noqa: PERF203
            if os.name == "nt":
                return
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _remove_content(stage: str, kept: str) -> None:
    with suppress(FileNotFoundError):
        with os.scandir(stage) as found:
            entries = list(found)
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        for entry in entries:
            if entry.path not in folders and entry.name != kept:
                os.unlink(entry.path)
        remove_trees(*folders)


def remove_empty(folders: Iterable[str]) -> None:
    """Remove those of `folders` that are empty."""
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)


def remove_empty_with_parents(folder: str) -> None:
    """Remove `folder` and then its parents, up to the first that is not empty (pip behaviour)."""
    while True:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder, name = os.path.split(folder)
        if not name:
            return
