"""Index pages, HTTP headers, and metadata."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from email.message import Message
from email.parser import Parser
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.version import InvalidVersion
from pip._internal.index.collector import IndexContent, parse_links
from pip._internal.models.link import Link

from compat.fuzz.target import Disagreement, Target
from pipfast.index.simple_api import Listing, link_of, parse
from pipfast.model.file_row import FileRow
from pipfast.model.input_limits import LimitExceeded
from pipfast.model.metadata import parse_metadata, parse_requirement
from pipfast.model.metadata_document import Document
from pipfast.model.requirement import parsed_version
from pipfast.net import http_cache
from pipfast.net.client import _retry_after
from pipfast.net.response import whole_number

_URL = "https://host.test/simple/demo/"
_JSON = "application/vnd.pypi.simple.v1+json"
_FAULTS = (ValueError, AttributeError, TypeError, LookupError, RecursionError)
"""What `parse` declares; `page_reader` makes one error of them."""


def _html(data: bytes) -> None:
    _page(data, "text/html")


def _json(data: bytes) -> None:
    _page(data, _JSON)


def _page(data: bytes, kind: str) -> None:
    listing, fault, rows = None, None, []
    try:
        listing = parse(data, kind, _URL)
        rows = listing.rows
    except (*_FAULTS, LimitExceeded) as error:
        fault = error
    try:
        content = IndexContent(data, kind, None, _URL, cache_link_parsing=False)
        theirs = [_of_pip(link) for link in parse_links(content)]
    except Exception:  # noqa: BLE001 - pip ends with an error or a traceback
        theirs = None
    if fault is not None or listing is None:
        if theirs is not None and not _is_refused_by_purpose(fault):
            raise Disagreement(f"pip reads it: {theirs}, and not: {fault}")
        return
    links = [link_of(row, "", _URL) for row in rows]
    ours = [_of_row(row) for row in rows]
    if theirs is not None and ours != theirs:
        raise Disagreement(f"{ours} != {theirs}")
    del links
    _grouped(listing)


def _of_row(row: FileRow) -> tuple[Any, ...]:
    sidecar = None if row.core_metadata is None else sorted(row.core_metadata)
    return row.url, row.yanked, row.requires_python or None, sidecar, sorted(row.digests)


def _of_pip(link: Link) -> tuple[Any, ...]:
    """Return what pip knows of a file; for a metadata file without known digests, no digest."""
    found = link.metadata_file_data
    sidecar = None if found is None else _spelled(found.hashes or {})
    python = link.requires_python or None
    url = link.url.encode("utf-8", "surrogatepass").decode("utf-8", "replace")  # as in requests
    return url, link.yanked_reason, python, sidecar, _spelled(link._hashes)


def _spelled(digests: Mapping[str, str]) -> list[str]:
    return sorted(f"{algorithm}:{value}" for algorithm, value in digests.items())


def _is_refused_by_purpose(fault: Exception | None) -> bool:
    """Return whether pipfast refuses a page for wrong types, which pip finds later or never."""
    return isinstance(fault, TypeError | AttributeError)


def _grouped(listing: Listing) -> None:
    from packaging.utils import NormalizedName

    from pipfast.index import page_columns
    from pipfast.index.filenames import grouped
    from pipfast.store.page_cache import Validity, compose

    name = NormalizedName("demo")
    groups = grouped(listing.rows, name)
    page, _ = compose(_URL, groups, Validity(), related=(listing.tracks, listing.alternates))
    at_once = page_columns.groups(listing.files, name) if listing.files is not None else None
    if at_once is not None and _whole(at_once.by_version, at_once.prefix) != _whole(groups, ""):
        raise Disagreement(f"{at_once} != {groups}")
    for position in range(len(page.versions)):
        page.rows(position)


def _whole(groups: list[tuple[str, list[Any]]], prefix: str) -> list[tuple[str, list[Any]]]:
    return [(text, [[prefix + row[0], *row[1:]] for row in rows]) for text, rows in groups]


def _metadata(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    document = Document(text)
    theirs: Message = Parser().parsestr(text)
    for name in ("Name", "Version", "Requires-Dist", "Requires-Python", "Provides-Extra"):
        if "\r" not in text and not set(text) & set("\v\f\x1c\x1d\x1e\x85\u2028\u2029"):
            ours, other = document.raw(name.lower()), theirs.get_all(name) or []
            if [each.rstrip() for each in ours] != [str(each).rstrip() for each in other]:
                raise Disagreement(f"{name}: {ours} != {other}")
    metadata = parse_metadata(text)
    metadata.pythons(lambda _: None)
    for line in metadata.requires_dist:
        with contextlib.suppress(InvalidRequirement):
            parse_requirement(line)
    parse_requirement.cache_clear()
    with contextlib.suppress(InvalidVersion):
        parsed_version(metadata.version)


def _headers(data: bytes) -> None:
    lines = data.decode("latin-1").split("\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip(" \t\r")
    seconds = http_cache.lifetime(headers)
    if seconds is not None and not 0 <= seconds < float("inf"):
        raise Disagreement(f"a page is fresh for {seconds} seconds")
    pause = _retry_after(headers, 1.0)
    if not 0 <= pause <= 120:
        raise Disagreement(f"a pause of {pause} seconds")
    size = whole_number(headers.get("content-range", "").rpartition("/")[2])
    if size is not None and not 0 <= size < 1 << 63:
        raise Disagreement(f"a size of {size}")


def _file(**fields: Any) -> dict[str, Any]:
    return {"filename": "demo-1.0-py3-none-any.whl", "url": "demo-1.0-py3-none-any.whl", **fields}


def _pages(*files: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"meta": {"api-version": "1.1"}, "files": files, **more}).encode()


def _anchors(*lines: str) -> bytes:
    return ("<!DOCTYPE html><html><body>\n" + "\n".join(lines) + "\n</body></html>").encode()


def _words(texts: Iterable[str]) -> list[bytes]:
    return [text.encode() for text in texts]


_DIGEST = "a" * 64

TARGETS = (
    Target(
        "page-html",
        _html,
        [
            _anchors('<a href="demo-1.0.tar.gz">demo-1.0.tar.gz</a>'),
            _anchors(
                '<base href="https://f.test/x/">',
                f'<a href="../demo-1.0-py3-none-any.whl#sha256={_DIGEST}" data-yanked="bad &amp; o"'
                ' data-requires-python="&gt;=3.8" data-dist-info-metadata="sha256=abc">d</a>',
                "<a href='https://h.test/demo-2.0.zip' data-core-metadata='true'>d</a>",
            ),
            b'<meta name="pypi:repository-version" content="1.0"><meta name=pypi:tracks'
            b' content="https://other.test/demo/"><a href=//h/demo-1.whl>',
            b"<![CDATA[x]]><!-- <a href=x> --><script><a href=y></script><a href=&#104;>z",
        ],
        _words(
            (
                *("<a href=", "</a>", "<base href=", "data-yanked=", "data-requires-python=", "<!"),
                *(
                    "data-core-metadata=",
                    "data-dist-info-metadata=",
                    "sha256=",
                    "md5=",
                    "<![",
                    "]]>",
                ),
                *(
                    "https://",
                    "file:///",
                    "//",
                    "[::1]",
                    ":99999",
                    "%2F",
                    "%",
                    "@",
                    "#",
                    "?",
                    "&gt;",
                ),
                *(
                    "<!--",
                    "-->",
                    "<script>",
                    "</script>",
                    "<meta name=pypi:tracks content=",
                    "&#x0;",
                ),
                *("demo-1.0-py3-none-any.whl", "demo-1!2.0.tar.gz", "javascript:", "\\", "../"),
            )
        ),
    ),
    Target(
        "page-json",
        _json,
        [
            _pages(),
            _pages(
                _file(hashes={"sha256": _DIGEST}, yanked="old", size=5),
                _file(url="https://h.test/demo-2.0.tar.gz", hashes={}, yanked=False),
            ),
            _pages(
                _file(
                    **{
                        "hashes": {"md5": "b" * 32, "blake2b": "c"},
                        "requires-python": ">=3.8",
                        "core-metadata": {"sha256": _DIGEST},
                        "upload-time": "2024-01-02T03:04:05.678901Z",
                    }
                ),
                versions=["1.0"],
                name="demo",
            ),
            _pages(_file(), meta={"tracks": ["https://o.test/"]}, **{"alternate-locations": ["x"]}),
        ],
        _words(
            (
                *(
                    '"url":',
                    '"hashes":',
                    '"yanked":',
                    '"core-metadata":',
                    '"requires-python":',
                    "{}",
                ),
                *(
                    '"upload-time":',
                    '"size":',
                    '"files":',
                    '"meta":',
                    "null",
                    "true",
                    "[",
                    "]",
                    "{",
                ),
                *('"dist-info-metadata":', '"alternate-locations":', "}", ",", ":", '"\\ud800"'),
                *(
                    "https://",
                    "file:///",
                    "//",
                    "[::1]",
                    "%2F",
                    "#sha256=",
                    "NaN",
                    "1e5",
                    '"sha256":',
                ),
            )
        ),
    ),
    Target(
        "metadata",
        _metadata,
        [
            b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
            b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nRequires-Dist: a>=1; extra == 'x'\n"
            b"Provides-Extra: x\nRequires-Python: >=3.8,!=3.9.*\nDynamic: X\n\nText\n",
            b"Name: demo\nVersion: 1.0\nSummary: a\n        b\n\tc\nRequires-Dist: b\n (>=2)\n\n",
            b"Requires-Dist: a @ https://h.test/a-1.0.tar.gz#sha256=aa ; (python_version < '3' or "
            b"os_name == 'nt') and extra == 'y'\nName: x\n: y\n z\nVersion : 3\n",
            b"Requires-Dist: a; " + b"(" * 200 + b"os_name == 'nt'" + b")" * 200 + b"\n",
        ],
        _words(
            (
                *(
                    "Name:",
                    "Version:",
                    "Requires-Dist:",
                    "Requires-Python:",
                    "Provides-Extra:",
                    "\n",
                ),
                *("Metadata-Version:", "; extra == 'x'", " and ", " or ", "(", ")", "[x]", " @ "),
                *(
                    "~=",
                    "===",
                    "==1.*",
                    ">=",
                    "<",
                    "!",
                    "1!0",
                    "+local",
                    "\n ",
                    "\n\t",
                    "\r\n",
                    ": ",
                ),
                *("python_version", "os_name", " not in ", "'", '"', "dev0", "post1", "rc1"),
            )
        ),
    ),
    Target(
        "headers",
        _headers,
        [
            b"cache-control: max-age=600, public\nage: 5\ndate: Sun, 29 Nov 2026 15:00:00 GMT\n",
            b"expires: Sun, 29 Nov 2026 15:00:00 GMT\ndate: Sat, 28 Nov 2026 15:00:00 +0100\n",
            b"retry-after: 120\ncontent-range: bytes 0-5/100\nvary: *\n",
            b"retry-after: Sun, 29 Nov 2026 15:00:00 GMT\ncache-control: no-cache, no-store\n",
            b'expires: 0\ncache-control: max-age="5"\ncontent-range: bytes */9\n',
        ],
        _words(
            (
                *(
                    "cache-control:",
                    "max-age=",
                    "expires:",
                    "date:",
                    "age:",
                    "retry-after:",
                    "vary:",
                ),
                *("content-range:", "bytes ", "/", "no-cache", "no-store", ", ", "=", '"', "GMT"),
                *(
                    "Sun, 29 Nov 2026 15:00:00 GMT",
                    "+9999",
                    "-0000",
                    "Jan",
                    "1",
                    "99999",
                    "00:00:00",
                ),
            )
        ),
    ),
)
