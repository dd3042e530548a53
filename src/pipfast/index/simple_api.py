"""Parse pages of the simple API, in HTML and JSON, without input or output.

Source: PEP 503, 592, 629, 658, 691, 700, 708, 714; where they leave a choice, like pip 26.3.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from pipfast.model.digest import KNOWN, Digest
from pipfast.model.file_row import FileRow, of_items
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.input_limits import PAGE_FILES, PAGE_VALUES, LimitExceeded, Unit
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import Link

ACCEPT = (
    "application/vnd.pypi.simple.v1+json, "
    "application/vnd.pypi.simple.v1+html; q=0.1, "
    "text/html; q=0.01"
)
"""The Accept header for a page (PEP 691)."""

_JSON = "application/vnd.pypi.simple.v1+json"
CONTENT_TYPES = ("text/html", "application/vnd.pypi.simple.v1+html", _JSON)
"""The start of a page's content type."""

_HASH_IN_URL = lazy_pattern(rf"[#&]({'|'.join(KNOWN)})=([^&]*)")
_CHARSET = lazy_pattern(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_PLAIN = lazy_pattern(r"https?://[A-Za-z0-9_.:-]+(?:/[A-Za-z0-9_.~/-]*)?")  # \w takes longer
MAX_SIZE = 1 << 63
"""The size in bytes from which on a file's size is not believed."""

_RESERVED = lazy_pattern("(@|%2F)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page's files, and its references to other pages of the project (PEP 708).

    `files` is the array of a page in JSON, None for other pages. `tracks` are addresses of pages
    that it extends, `alternates` those of alternate locations.
    """

    url: str
    files: Any = None
    anchors: tuple[FileRow, ...] = ()
    tracks: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()

    @property
    def rows(self) -> list[FileRow]:
        """The files in order.

        Raises ValueError, TypeError, AttributeError and LookupError for a malformed one.
        """
        if self.files is None:
            return list(self.anchors)
        return [_json_row(file, self.url) for file in self.files if file.get("url") is not None]


def parse(content: bytes, content_type: str, url: str) -> Listing:
    """Parse the page at `url`; its files are not checked before they are read.

    Raises ValueError if the content does not match its type, and LimitExceeded.
    """
    if content_type.lower().startswith(_JSON):
        return _parse_json(content, url)
    from pipfast.index.html import read_anchors  # most indexes answer with JSON

    found = _CHARSET.search(content_type)
    text = content.decode(found[1] if found else "utf-8", "replace")
    page = read_anchors(text, url)
    _check_count(len(page.anchors), url)
    rows = (_html_row(anchor, page.base or url) for anchor in page.anchors)
    return Listing(
        url,
        anchors=tuple(row for row in rows if row is not None),
        tracks=tuple(page.metadata.get("pypi:tracks", ())),
        alternates=tuple(page.metadata.get("pypi:alternate-locations", ())),
    )


def link_of(row: FileRow, prefix: str, page: str) -> Link:
    """Return the link for `row` of `page`; `prefix` is the part that its URL lacks."""
    url, _, fragment = (prefix + row.url).partition("#")
    metadata = row.core_metadata
    return Link(
        url=url,
        fragment=fragment,
        digests=tuple(Digest.parse(text) for text in row.digests),
        requires_python=row.requires_python,
        yanked=row.yanked,
        core_metadata=None if metadata is None else tuple(map(Digest.parse, metadata)),
        upload_time=row.upload_time,
        size=row.size,
        page=page or None,
    )


def quoted(url: str) -> str:
    """Return `url` with all necessary characters quoted, and none quoted twice (pip behaviour)."""
    if _PLAIN.fullmatch(url):
        return url
    scheme, netloc, path, query, fragment = urlsplit(url)
    clean = _quoted_part if netloc else _quoted_path
    path = "".join(
        part.upper() if position % 2 else clean(part)
        for position, part in enumerate(_RESERVED.split(path))
    )
    # Without a host, the scheme "file" makes urlunsplit write an empty one (RFC 1738).
    return scheme + urlunsplit(("file", netloc, path, query, fragment)).removeprefix("file")


def _quoted_part(part: str) -> str:
    return quote(unquote(part))


def _quoted_path(part: str) -> str:
    """Return a part of a path in a file system, without the mark of a host in front of it."""
    drive = os.name == "nt" and re.match(r"/+[A-Za-z]:", part)
    path = quote(unquote(part), safe="/:" if drive else "/")
    return path.removeprefix("//") if path.startswith("///") else path


def _parse_json(content: bytes, url: str) -> Listing:
    if len(content) > PAGE_VALUES and sum(map(content.count, (b",", b"[", b"{"))) > PAGE_VALUES:
        raise LimitExceeded(url, PAGE_VALUES, Unit.VALUES)
    try:
        data = json.loads(content)
    except RecursionError as error:
        raise ValueError(str(error)) from None
    if not isinstance(data, dict):
        raise ValueError("Expecting object")
    files = data.get("files", ())
    _check_count(len(files), url)
    meta = data.get("meta")
    return Listing(
        url,
        files=files,
        tracks=_addresses(meta.get("tracks")) if isinstance(meta, dict) else (),
        alternates=_addresses(data.get("alternate-locations")),
    )


def _check_count(files: int, url: str) -> None:
    if files > PAGE_FILES:
        raise LimitExceeded(url, PAGE_FILES, Unit.FILES)


def _addresses(value: Any) -> tuple[str, ...]:
    """Return the strings of an array; pip does not read these fields, so no value is an error."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _json_row(file: dict[str, Any], page: str) -> FileRow:
    """Return the row of a file. Raises TypeError, AttributeError for a field of another type.

    A cold resolution reads tens of thousands, so most files pass through without further calls.
    """
    get = file.get
    url: str = file["url"]
    hashes = get("hashes")
    digests = _spelled(hashes) if hashes else []
    if not _PLAIN.fullmatch(url):
        url, digests = _complete(url, digests, page)
    metadata = get("core-metadata")
    if metadata is None:
        metadata = get("dist-info-metadata")
    kept: list[str] | None = [] if metadata else None
    if isinstance(metadata, dict):
        kept = _spelled(_known(metadata))
    requires = get("requires-python") or None
    uploaded = get("upload-time") or None
    if not (requires is None or isinstance(requires, str)):
        raise _not_a_string("requires-python")
    if not (uploaded is None or isinstance(uploaded, str)):
        raise _not_a_string("upload-time")
    yanked = get("yanked") or None
    if yanked is not None and not isinstance(yanked, str):
        yanked = ""
    size = get("size")
    if not (isinstance(size, int) and 0 <= size < MAX_SIZE):
        size = None
    return of_items((url, digests, requires, yanked, kept, uploaded, size))


def _not_a_string(key: str) -> TypeError:
    return TypeError(f"{key} is not a string")


def _complete(url: str, digests: list[str], page: str) -> tuple[str, list[str]]:
    """Return the absolute, quoted address, and the digests with the one in its fragment."""
    if not url.isascii():  # JSON can contain halves of characters, which cannot be encoded
        url = url.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if not url.startswith(("https://", "http://")):
        url = urljoin(page, url)
    url = quoted(url)
    return url, digests_in(url, digests)


def _known(digests: dict[str, str]) -> dict[str, str]:
    return {name: digests[name] for name in digests if name in KNOWN}


def _spelled(hashes: dict[str, str]) -> list[str]:
    """Return digests as ``sha256:…``; SHA-256 is usually the only one.

    A file's digests of unknown algorithms are kept too: pip ends with an error for these, rather
    than install a file that it cannot verify. Raises TypeError for a value that is no text.
    """
    if len(hashes) == 1 and "sha256" in hashes:
        return ["sha256:" + hashes["sha256"]]
    return [name + ":" + value for name, value in hashes.items()]


def _html_row(anchor: dict[str, str | None], base: str) -> FileRow | None:
    href = anchor.get("href")
    if not href:
        return None
    if not href.startswith(("https://", "http://")):
        href = urljoin(base, href)
    url = quoted(href)
    metadata = anchor.get("data-core-metadata")
    if metadata is None:
        metadata = anchor.get("data-dist-info-metadata")
    kept: list[str] | None = None
    if metadata is not None:
        name, equals, value = metadata.partition("=")
        kept = [f"{name}:{value}"] if equals and name in KNOWN else []
    return FileRow(
        url,
        digests_in(url),
        anchor.get("data-requires-python") or None,
        anchor.get("data-yanked"),
        kept,
    )


def digests_in(url: str, digests: Iterable[str] = ()) -> list[str]:
    """Return `digests` with the one in `url`, which has precedence.

    It stands in the fragment, or behind an ``&`` of the query (pip behaviour).
    """
    found = _HASH_IN_URL.search(url) if "=" in url else None
    if found is None:
        return list(digests)
    kept = [digest for digest in digests if not digest.startswith(f"{found[1]}:")]
    return [*kept, f"{found[1]}:{found[2]}"]
