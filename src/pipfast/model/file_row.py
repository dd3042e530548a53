"""A file as a page of an index lists it, before its name is parsed."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple


class FileRow(NamedTuple):
    """A file of a page. `url` may lack a prefix that all files of the page share.

    `url` has its fragment; `digests` and `core_metadata` are written as ``sha256:…``.
    `core_metadata` is None if the index has no metadata file, empty if its digest is unknown.
    `yanked` is the reason, empty if there is none, None for a file that is not yanked.
    `upload_time` is written as in PEP 700.

    A named tuple, because a page may list thousands of files.
    """

    url: str
    digests: list[str]
    requires_python: str | None = None
    yanked: str | None = None
    core_metadata: list[str] | None = None
    upload_time: str | None = None
    size: int | None = None

    def with_url(self, url: str) -> FileRow:
        """Return the file with another address."""
        return FileRow(url, *self[1:])


_COUNT = len(FileRow._fields)
of_items = partial(tuple.__new__, FileRow)
"""Return the row of a sequence of all fields; ``FileRow(*items)`` takes four times as long."""


def stored_form(rows: list[FileRow], cut: int) -> list[list[Any]]:
    """Return rows as they are stored, without the first `cut` characters of their URLs.

    The order of a row's items is part of the store's format; fields may only be added at the end.
    """
    return [[row.url[cut:], *row[1:]] for row in rows]


def from_stored(rows: list[list[Any]]) -> list[FileRow]:
    """Return the rows of a stored form; those of older entries may lack the last fields."""
    if rows and len(rows[0]) < _COUNT:
        rows = [[*row, *[None] * (_COUNT - len(row))] for row in rows]
    return list(map(of_items, rows))
