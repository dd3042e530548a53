"""Cache parsed index pages: versions in descending order, whose files are read on demand.

An entry consists of a header, one line of JSON, and one marshalled list for each version. The
header has the end and the checksum of each list, so a resolution only reads the versions that it
looks at. marshal takes a third of JSON's time; it only receives bytes with the right checksum.
Entries do not depend on the target, so all interpreters share them. The file's modification time
is that of the last confirmation by the index, which therefore writes nothing.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from zlib import crc32

from pipfast.model.file_row import FileRow, from_stored, stored_form
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.store.filesystem.root import Store

AREA = "pages"
_FORMAT = 3
_MARSHAL = 4  # the version that every supported Python reads and writes


class CorruptEntry(Exception):
    """An entry is damaged; treated as missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The caching headers of a response; `lifetime` is in seconds."""

    etag: str | None = None
    last_modified: str | None = None
    lifetime: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed page.

    `url` is the final address. `versions` are in descending order, in PEP 440's normal form;
    `loose` is true for a page that is not a project's own: its only group, version "", contains
    all files in order. `related` are addresses of the same project that the page names (PEP
    708): those it tracks, and its alternate locations. `checked` is the time of the last request
    to the index.
    """

    url: str
    versions: Sequence[str]
    validity: Validity = Validity()
    related: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    loose: bool = False
    checked: float = 0.0
    prefix: str = ""
    _ends: Sequence[int] = ()
    _sums: Sequence[int] = ()
    _body: bytes = field(default=b"", repr=False)
    _start: int = 0

    def is_fresh(self, now: float) -> bool:
        """Return whether the page may be used at `now` without a request."""
        return 0 <= now - self.checked < self.validity.lifetime

    def rows(self, position: int) -> list[FileRow]:
        """Return the files of `versions[position]`, in the page's order, without the `prefix`.

        Raises CorruptEntry.
        """
        begin = self._start + (self._ends[position - 1] if position else 0)
        blob = self._body[begin : self._start + self._ends[position]]
        if crc32(blob) != self._sums[position]:
            raise CorruptEntry(self.url)
        return from_stored(marshal.loads(blob))  # noqa: S302 - the checksum was right


def compose(
    url: str,
    groups: Sequence[tuple[str, list[FileRow]]],
    validity: Validity,
    *,
    related: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    loose: bool = False,
) -> tuple[Page, bytes]:
    """Return a page and the bytes to store; `groups` are in descending order of version.

    The common prefix of the rows' URLs is removed.
    """
    prefix = _prefix(groups)
    cut = len(prefix)
    stored = [(version, stored_form(rows, cut)) for version, rows in groups]
    return compose_cut(url, stored, prefix, validity, related=related, loose=loose)


def compose_cut(
    url: str,
    groups: Sequence[tuple[str, list[Any]]],
    prefix: str,
    validity: Validity,
    *,
    related: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    loose: bool = False,
) -> tuple[Page, bytes]:
    """Return what `compose` returns, for rows in their stored form, without the `prefix`."""
    ends: list[int] = []
    sums: list[int] = []
    blobs: list[bytes] = []
    total = 0
    for _, rows in groups:
        blob = marshal.dumps(rows, _MARSHAL)
        total += len(blob)
        ends.append(total)
        sums.append(crc32(blob))
        blobs.append(blob)
    header = {
        "format": _FORMAT,
        "url": url,
        "etag": validity.etag,
        "last_modified": validity.last_modified,
        "lifetime": validity.lifetime,
        "kinship": related,
        "loose": loose,
        "prefix": prefix,
        "versions": [version for version, _ in groups],
        "ends": ends,
        "sums": sums,
    }
    line = json.dumps(header, separators=(",", ":")).encode()
    entry = b"%d %d\n%b\n%b" % (len(line), crc32(line), line, b"".join(blobs))
    return parse_entry(entry, time.time()), entry


def parse_entry(entry: bytes, checked: float) -> Page:
    """Return the page in an entry.

    Raises CorruptEntry if it was not written completely by `compose`.
    """
    try:
        begin = entry.index(b"\n", 0, 40) + 1
        size, checksum = map(int, entry[: begin - 1].split())
        line = entry[begin : begin + size]
        if crc32(line) != checksum:
            raise CorruptEntry
        header = json.loads(line)
        start = begin + size + 1
        ends = header["ends"]
        whole = start + (ends[-1] if ends else 0)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise CorruptEntry from None
    if header.get("format") != _FORMAT or len(entry) != whole:
        raise CorruptEntry
    return Page(
        url=header["url"],
        versions=header["versions"],
        validity=Validity(
            etag=header["etag"],
            last_modified=header["last_modified"],
            lifetime=header["lifetime"],
        ),
        related=_pair(header["kinship"]),
        loose=header["loose"],
        checked=checked,
        prefix=header["prefix"],
        _ends=ends,
        _sums=header["sums"],
        _body=entry,
        _start=start,
    )


def _pair(lists: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    tracks, alternates = lists
    return tuple(tracks), tuple(alternates)


@dataclass(frozen=True, slots=True)
class PageCache:
    """The stored pages, by the requested address."""

    store: Store

    def read(self, url: str) -> Page | None:
        """Return the page stored for `url`, None if there is no readable one."""
        try:
            with open(self.store.path(AREA, _key(url)), "rb") as file:  # noqa: PTH123 - hot path
                checked = os.fstat(file.fileno()).st_mtime
                entry = file.read()
        except OSError:
            return None
        try:
            return parse_entry(entry, checked)
        except CorruptEntry:
            self.forget(url)
            return None

    def write(self, url: str, entry: bytes) -> None:
        """Store `entry` (from `compose`) for `url`.

        An equal entry is only confirmed: stored results that depend on the file remain valid.
        """
        if self.store.read(AREA, _key(url)) == entry:
            self.confirm(url)
        else:
            self.store.write(AREA, _key(url), entry)

    def confirm(self, url: str) -> None:
        """Record that the index has confirmed the stored page."""
        with suppress(OSError):
            os.utime(self.store.path(AREA, _key(url)))

    def place(self, url: str) -> tuple[str, int] | None:
        """Return the file of the page of `url`, and its inode."""
        path = self.store.path(AREA, _key(url))
        try:
            return str(path), path.stat().st_ino
        except OSError:
            return None

    def forget(self, url: str) -> None:
        """Remove the entry of `url`."""
        with suppress(OSError):
            self.store.path(AREA, _key(url)).unlink()


def _key(url: str) -> str:
    digest = hashlib.sha256(url.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"


def _prefix(groups: Sequence[tuple[str, list[FileRow]]]) -> str:
    urls = [row.url for _, rows in groups for row in rows]
    if not urls:
        return ""
    low, high = min(urls), max(urls)
    pairs = zip(low, high, strict=False)
    cut = next((place for place, (first, second) in enumerate(pairs) if first != second), len(low))
    return low[: low.rfind("/", 0, cut) + 1]
