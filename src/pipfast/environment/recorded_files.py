"""The files that an installed distribution says are its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter

from pipfast.environment.metadata_files import text_of, tidy
from pipfast.model.installed_distribution import Installed


def listed(record: str) -> Iterator[str]:
    """The paths of a RECORD, as it writes them; empty lines are none. Source: PEP 376, 627."""
    import csv

    return map(itemgetter(0), filter(None, csv.reader(record.splitlines())))


def declared(one: Installed) -> list[str] | None:
    """The files by their paths from the folder on that holds the metadata; None if nobody knows.

    RECORD has them, or the ``installed-files.txt`` of an egg-info, whose paths start there.
    """
    record = text_of(one.info, "RECORD")
    if record is not None:
        return list(map(tidy, listed(record)))
    older = text_of(one.info, "installed-files.txt")
    if older is None:
        return None
    folder = os.path.relpath(one.info, one.location) if one.info != one.location else ""
    return [_from_location(path, folder) for path in older.splitlines() if path]


def _from_location(path: str, folder: str) -> str:
    """A path from `folder` on as one from the folder around that, links and all left alone."""
    base = [part for part in folder.split(os.sep) if part]
    parts = tidy(path).split(os.sep)
    while parts and parts[0] == "..":
        parts = parts[1:]
        base = [*base, ".."] if not base or base[-1] == ".." else base[:-1]
    return os.sep.join([*base, *parts]) or "."
