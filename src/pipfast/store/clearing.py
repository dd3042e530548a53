"""Folders removed by several threads at once.

The system waits where it removes a folder, up to 4 ms on a virtual machine's ext4, and it waits for
several in the time of one: a tree of 2650 folders goes in 0.4 s in place of 7 s.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress

_HANDS = 4
_FEW = 8  # folders for which no thread is worth starting


def remove_tree(path: str) -> None:
    """Remove a folder with all that is in it; links are removed, not followed.

    What is gone already is no error. Raises the first OSError, after removing what can be.
    """
    levels = _levels(path)
    faults: list[OSError] = []
    for level in reversed(levels):
        _clear(level, faults)
    if faults:
        raise faults[0]


def _levels(path: str) -> list[list[str]]:
    """The folders of a tree by their depth, `path` first."""
    levels: list[list[str]] = []
    level = [path]
    while level:
        levels.append(level)
        level = [inner for folder in level for inner in _folders(folder)]
    return levels


def _folders(folder: str) -> list[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _clear(folders: Sequence[str], faults: list[OSError]) -> None:
    """Remove folders with the files in them."""
    if len(folders) < _FEW:
        _remove(folders, faults)
        return
    threads = [
        threading.Thread(target=_remove, args=(folders[start::_HANDS], faults))
        for start in range(_HANDS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _remove(folders: Sequence[str], faults: list[OSError]) -> None:
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                files = [entry.path for entry in entries if not entry.is_dir(follow_symlinks=False)]
            for file in files:
                with suppress(FileNotFoundError):
                    os.unlink(file)  # noqa: PTH108 - pathlib costs as much as the call itself
            os.rmdir(folder)  # noqa: PTH106
        except FileNotFoundError:  # noqa: PERF203
            continue
        except OSError as error:
            faults.append(error)
