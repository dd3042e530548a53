"""Index pages, parsed: versions in descending order and, for each, its files, read when needed.

An entry is one JSON line, the header, and one marshalled list for each version. The header says
where each list ends and what its checksum is, so that a resolution reads the versions it looks at
and nothing else. marshal writes and reads in a third of JSON's time; nothing is given to it whose
checksum is not right. Nothing in an entry depends on the target: another interpreter uses it too.

The file's own time stamp says when the index was last asked: to confirm a page costs no writing.
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

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.store.filesystem.root import Store

AREA = "pages"
_FORMAT = 3
_MARSHAL = 4  # the version that every supported Python reads and writes

Row = list[Any]
"""A file of a page: URL, digests, requires-python, yanked, core metadata, upload time, size.

The URL lacks the page's `prefix`; digests are ``sha256:…``; the last fields may be missing.
"""


class CorruptEntry(Exception):
    """An entry is not what was written; it counts as not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """What an index said of how long its answer holds; `lifetime` is in seconds."""

    etag: str | None = None
    last_modified: str | None = None
    lifetime: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed page.

    `url` is where it came from in the end. `versions` are in descending order, as written by
    PEP 440; `loose` is true for a page that is not a project's own: its one group, version "",
    holds all files in the page's order. `kinship` are the addresses that the page names as having
    the same project (PEP 708): those it tracks, and its alternate locations. `checked` is when the
    index was last asked, as a time stamp.
    """

    url: str
    versions: Sequence[str]
    validity: Validity = Validity()
    kinship: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    loose: bool = False
    checked: float = 0.0
    prefix: str = ""
    _ends: Sequence[int] = ()
    _sums: Sequence[int] = ()
    _body: bytes = field(default=b"", repr=False)
    _start: int = 0

    def is_fresh(self, now: float) -> bool:
        """Whether the page may be used at `now` without asking."""
        return 0 <= now - self.checked < self.validity.lifetime

    def rows(self, position: int) -> list[Row]:
        """The files of `versions[position]`, in the page's order.

        Raises CorruptEntry.
        """
        begin = self._start + (self._ends[position - 1] if position else 0)
        blob = self._body[begin : self._start + self._ends[position]]
        if crc32(blob) != self._sums[position]:
            raise CorruptEntry(self.url)
        rows: list[Row] = marshal.loads(blob)  # noqa: S302 - the checksum was right
        return rows


def compose(
    url: str,
    groups: Sequence[tuple[str, list[Row]]],
    validity: Validity,
    *,
    kinship: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    loose: bool = False,
) -> tuple[Page, bytes]:
    """A page and the bytes to keep of it; `groups` are in descending order of version.

    The rows' URLs are shortened by what they have in common.
    """
    prefix = _prefix(groups)
    cut = len(prefix)
    ends: list[int] = []
    sums: list[int] = []
    blobs: list[bytes] = []
    total = 0
    for _, rows in groups:
        short = [[row[0][cut:], *row[1:]] for row in rows]
        blob = marshal.dumps(short, _MARSHAL)
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
        "kinship": kinship,
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
    """The page of a kept entry.

    Raises CorruptEntry for anything that was not written by `compose`, or not all of it.
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
    except (ValueError, KeyError, TypeError, IndexError):
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
        kinship=_pair(header["kinship"]),
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
class Pages:
    """The kept pages of a store, by the address they were asked at."""

    store: Store

    def read(self, url: str) -> Page | None:
        """The page kept for `url`, None where there is none that can be read."""
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
        """Keep `entry` (from `compose`) for `url`."""
        self.store.write(AREA, _key(url), entry)

    def confirm(self, url: str) -> None:
        """Note that the index has just said that its page is still the one that is kept."""
        with suppress(OSError):
            os.utime(self.store.path(AREA, _key(url)))

    def place(self, url: str) -> tuple[str, int] | None:
        """The file in which the page of `url` is kept and its number on the disk."""
        path = self.store.path(AREA, _key(url))
        try:
            return str(path), path.stat().st_ino
        except OSError:
            return None

    def forget(self, url: str) -> None:
        """Drop what is kept for `url`."""
        with suppress(OSError):
            self.store.path(AREA, _key(url)).unlink()


def _key(url: str) -> str:
    digest = hashlib.sha256(url.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"


def _prefix(groups: Sequence[tuple[str, list[Row]]]) -> str:
    urls = [row[0] for _, rows in groups for row in rows]
    if not urls:
        return ""
    low, high = min(urls), max(urls)
    pairs = zip(low, high, strict=False)
    cut = next((place for place, (one, two) in enumerate(pairs) if one != two), len(low))
    return str(low[: low.rfind("/", 0, cut) + 1])
