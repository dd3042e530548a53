"""The files that belong to an installed distribution according to its metadata."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter

from pipfast.environment.metadata_files import RECORD_LINES, text_of, tidy
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed


def listed(record: str) -> Iterator[str]:
    """Yield the paths of a RECORD as written, without empty lines. Source: PEP 376, 627."""
    import csv

    csv.field_size_limit(1 << 30)  # by default, a longer field than 131,072 characters is an error
    return map(itemgetter(0), filter(None, csv.reader(record.splitlines())))


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A row of RECORD: the path relative to the library, and digest and size, empty if unknown.

    `digest` has the form ``sha256=…``, in base 64 without padding.
    """

    path: str
    digest: str
    size: str


def recorded(info: str) -> Iterator[RecordedFile]:
    """Yield the rows of RECORD in a metadata folder; none if it is missing or too long."""
    import csv

    csv.field_size_limit(1 << 30)
    for row in filter(None, csv.reader((record_of(info) or "").splitlines())):
        path, digest, size = (*row, "", "")[:3]
        yield RecordedFile(tidy(path), digest, size)


def record_of(info: str) -> str | None:
    """Return the text of RECORD in a metadata folder, None if it is missing or too long."""
    text = text_of(info, "RECORD")
    return None if text is None or text.count("\n") > RECORD_LINES else text


def declared(one: Installed) -> list[str] | None:
    """Return the files relative to the folder with the metadata; None if unknown.

    They are in RECORD, or in the ``installed-files.txt`` of an egg-info, relative to it.
    """
    record = record_of(one.info)
    if record is not None:
        return list(map(tidy, listed(record)))
    older = text_of(one.info, "installed-files.txt")
    if older is None:
        return None
    folder = os.path.relpath(one.info, one.location) if one.info != one.location else ""
    return [_from_location(path, folder) for path in older.splitlines() if path]


def _from_location(path: str, folder: str) -> str:
    """Return a path relative to `folder` as one relative to its parent, without resolving it."""
    base = [part for part in folder.split(os.sep) if part]
    parts = tidy(path).split(os.sep)
    while parts and parts[0] == "..":
        parts = parts[1:]
        base = [*base, ".."] if not base or base[-1] == ".." else base[:-1]
    return os.sep.join([*base, *parts]) or "."
