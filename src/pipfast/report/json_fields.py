"""JSON output: the content of an environment, and the fields that pip's reports share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.metadata_document import Document
from pipfast.model.version import PIP_VERSION

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A distribution of an inspection; `info` is its metadata folder, if it has one.

    `origin` is the content of ``direct_url.json``. `requested` is None if unknown.
    """

    document: Document
    info: str | None
    origin: Mapping[str, Any] | None
    installer: str
    requested: bool | None


def inspection(items: Sequence[Seen], markers: Mapping[str, str]) -> str:
    """Return an environment's content as `pip inspect` prints it (format version 1)."""
    return document("installed", [_seen(item) for item in items], markers)


def _seen(item: Seen) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "metadata": metadata_json(item.document),
        "metadata_location": item.info,
    }
    if item.origin is not None:
        entry["direct_url"] = item.origin
    if item.installer:
        entry["installer"] = item.installer
    if item.requested is not None:
        entry["requested"] = item.requested
    return entry


def document(kind: str, entries: Sequence[Any], markers: Mapping[str, str]) -> str:
    """Return a pip report of version 1 with `entries` under the key `kind`."""
    whole = {
        "version": "1",
        "pip_version": PIP_VERSION,
        kind: entries,
        "environment": dict(markers),
    }
    return "".join(_written(whole, "\n"))


def _written(value: Any, margin: str) -> Iterator[str]:
    """Yield the output of `json.dumps` with ``indent=2``, in half of its time."""
    inner = f"{margin}  "
    match value:
        case str():
            yield encode_basestring(value)
        case Mapping() if value:
            before = f"{{{inner}"
            for key, one in value.items():
                yield f"{before}{encode_basestring(key)}: "
                yield from _written(one, inner)
                before = f",{inner}"
            yield f"{margin}}}"
        case list() | tuple() if value:
            before = f"[{inner}"
            for one in value:
                yield before
                yield from _written(one, inner)
                before = f",{inner}"
            yield f"{margin}]"
        case _:
            yield json.dumps(value)


_SINGLE, _SEVERAL = False, True
FIELDS = {
    "metadata-version": _SINGLE,
    "name": _SINGLE,
    "version": _SINGLE,
    "dynamic": _SEVERAL,
    "platform": _SEVERAL,
    "supported-platform": _SEVERAL,
    "summary": _SINGLE,
    "description": _SINGLE,
    "description-content-type": _SINGLE,
    "keywords": _SINGLE,
    "home-page": _SINGLE,
    "download-url": _SINGLE,
    "author": _SINGLE,
    "author-email": _SINGLE,
    "maintainer": _SINGLE,
    "maintainer-email": _SINGLE,
    "license": _SINGLE,
    "license-expression": _SINGLE,
    "license-file": _SEVERAL,
    "classifier": _SEVERAL,
    "requires-dist": _SEVERAL,
    "requires-python": _SINGLE,
    "requires-external": _SEVERAL,
    "project-url": _SEVERAL,
    "provides-extra": _SEVERAL,
    "provides-dist": _SEVERAL,
    "obsoletes-dist": _SEVERAL,
}
"""Core metadata fields in the order of pip's output."""


def metadata_json(document: Document) -> dict[str, Any]:
    """Return core metadata in the JSON form of PEP 566; the body is the description."""
    found: dict[str, Any] = {}
    for field, several in FIELDS.items():
        values = document.all(field)
        if field == "description" and document.body:
            values = [document.body]
        if values:
            key = field.replace("-", "_")
            found[key] = list(map(_readable, values)) if several else _readable(values[0])
    if "keywords" in found:
        found["keywords"] = _keywords(found["keywords"])
    return found


def _readable(value: str) -> str:
    """Decode a value; bytes that became surrogates are UTF-8, or else Latin-1."""
    if value.isascii():
        return value
    written = value.encode("utf-8", "surrogateescape")
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("latin-1")


def _keywords(value: str) -> list[str]:
    """Split keywords, which are separated by commas, or by spaces in old metadata."""
    return [one.strip() for one in value.split(",")] if "," in value else value.split()
