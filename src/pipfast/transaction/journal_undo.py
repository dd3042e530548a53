"""Undo single moves of a transaction, without losing what another program has written since."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress

from pipfast.environment.presence import is_link, is_real_folder, is_there, make_folders
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.filesystem.rmtree import discard_trees

COPY_SUFFIX = ".pipfast-copy"
"""End of the temporary name of what is moved by copying."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the changes are undone if another program has changed the environment since.

    Files that are newer than `since` (ns; None: nothing was written since) or are in `kept` are not
    the transaction's, and stay in the environment. Old files in `dropped` belong to a distribution
    that the other program has installed anew, and do not come back.
    """

    since: int | None = None
    kept: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()

    def is_foreign(self, path: str, final: str) -> bool:
        """Return whether another program wrote the file `path`, whose place is `final`."""
        if self.since is None:
            return False
        return final in self.kept or os.lstat(path).st_mtime_ns > self.since


def take_back(staged: str, path: str, settlement: Settlement) -> None:
    """Move the new `path` out of the environment to `staged`; foreign files in it stay.

    Raises OSError; can be repeated.
    """
    if not is_there(staged) and is_there(path):
        rename(path, staged)
    if settlement.since is not None:
        for below in list(_files(staged)):
            aside, final = staged + below, path + below
            if settlement.is_foreign(aside, final) and not is_there(final):
                make_folders(os.path.dirname(final))
                rename(aside, final)


def is_restored(path: str, asides: Mapping[str, str]) -> bool:
    """Return whether old content is at `path` again; `asides` has where each was moved to.

    The new content may be gone by then, because the transaction's folders are removed at the end.
    """
    above = ""
    while path != above:
        aside = asides.get(path)
        if aside is not None and not is_there(aside):
            return True
        path, above = os.path.dirname(path), path
    return False


def put_back(path: str, aside: str, settlement: Settlement, occupied: list[str]) -> None:
    """Move the old content of `path` from `aside` back; add places that are taken to `occupied`.

    Raises OSError; can be repeated.
    """
    if not is_there(aside):
        return
    drops = any(name == path or name.startswith(path + os.sep) for name in settlement.dropped)
    if not is_there(path) and not drops:
        make_folders(os.path.dirname(path))
        rename(aside, path)
        return
    for below in list(_files(aside)):
        old, final = aside + below, path + below
        if final in settlement.dropped:
            continue
        if not is_there(final):
            make_folders(os.path.dirname(final))
            rename(old, final)
        elif not _is_same(old, final):
            occupied.append(final)


def remove_dropped(settlement: Settlement) -> None:
    """Remove old files that the other program did not know when it installed the project anew."""
    for path in settlement.dropped - settlement.kept:
        with suppress(FileNotFoundError, NotADirectoryError):
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
            if not is_folder and not settlement.is_foreign(path, path):
                os.unlink(path)


def rename(source: str, target: str) -> None:
    """Move a file or folder, across file systems too. Raises OSError; can be repeated."""
    make_folders(os.path.dirname(target))
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = target + COPY_SUFFIX
        if is_real_folder(source):
            discard_trees(copy)  # of an interrupted attempt
            shutil.copytree(source, copy, symlinks=True)
            os.rename(copy, target)
            shutil.rmtree(source)
        else:
            shutil.copy2(source, copy, follow_symlinks=False)
            os.rename(copy, target)
            os.unlink(source)


def _files(path: str) -> Iterator[str]:
    """Yield the files in `path` as what follows `path`: a separator and a path, or nothing."""
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            yield ""
            return
    except FileNotFoundError:
        return
    for folder, folders, names in os.walk(path, onerror=_fail):
        links = [name for name in folders if is_link(os.path.join(folder, name))]
        for name in (*names, *links):
            yield os.path.join(folder, name)[len(path) :]


def _fail(error: OSError) -> None:
    raise error


def _is_same(one: str, other: str) -> bool:
    """Return whether two files have the same content; links, the same target."""
    with suppress(OSError):
        if os.path.samestat(os.lstat(one), os.lstat(other)):
            return True
        if is_link(one) or is_link(other):
            return os.readlink(one) == os.readlink(other)
        with open(one, "rb") as first, open(other, "rb") as second:
            return first.read() == second.read()
    return False
