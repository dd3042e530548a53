"""Remove folder trees with several threads.

On a virtual machine's ext4 the kernel waits up to 4 ms for each `rmdir`, and it waits for several
at a time as long as for one: a tree of 2650 folders is removed in 0.4 s instead of 7 s.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.model.frozen_dataclass import dataclass

_THREADS = 4
_MIN_PARALLEL = 8  # for fewer folders a thread costs more than it saves


def remove_trees(*paths: str) -> None:
    """Remove folders and everything in them; symbolic links are removed, not followed.

    A path that does not exist is no error. Raises the first OSError after removing what it can.
    """
    errors: list[OSError] = []
    pool = ThreadPool(_THREADS - 1)  # the calling thread is the fourth
    try:
        for level in reversed(_levels(paths, errors)):
            _remove_level(level, pool, errors)
    finally:
        pool.close()
    if errors:
        raise errors[0]


def discard_trees(*paths: str) -> None:
    """Remove folders like `remove_trees`, as far as possible; what cannot be removed stays."""
    with suppress(OSError):
        remove_trees(*paths)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to remove, its files, and its subfolders."""

    path: str
    files: list[str]
    folders: list[str]


def _levels(paths: Sequence[str], errors: list[OSError]) -> list[list[_Folder]]:
    """Return all folders of the trees by depth, `paths` first."""
    levels: list[list[_Folder]] = []
    level = list(paths)
    while level:
        levels.append([_scan(path, errors) for path in level])
        level = [inner for folder in levels[-1] for inner in folder.folders]
    return levels


def _scan(path: str, errors: list[OSError]) -> _Folder:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else files).append(entry.path)
    except FileNotFoundError:
        pass
    except OSError as error:
        errors.append(error)
    return _Folder(path, files, folders)


def _remove_level(folders: Sequence[_Folder], pool: ThreadPool, errors: list[OSError]) -> None:
    """Remove folders that hold only files; in parallel if there are enough of them."""
    if len(folders) < _MIN_PARALLEL:
        _remove(folders, errors)
        return
    tasks = []
    for start in range(_THREADS):
        part = folders[start::_THREADS]
        key = part[0].path
        pool.submit(key, lambda part=part: _remove(part, errors))  # type: ignore[misc]
        tasks.append(key)
    for key in reversed(
        tasks
    ):  # the pool starts with the first task, the calling thread with the last
        pool.succeeded(key)


def _remove(folders: Sequence[_Folder], errors: list[OSError]) -> None:
    for folder in folders:
        try:
            for file in folder.files:
                with suppress(FileNotFoundError):
                    os.unlink(file)  # noqa: PTH108 - pathlib costs as much as the call itself
            os.rmdir(folder.path)  # noqa: PTH106
        except FileNotFoundError:  # noqa: PERF203
            continue
        except OSError as error:
            errors.append(error)
