"""What programs read: the installation report (`--report`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.header import Header, decode_header, make_header
from email.parser import HeaderParser
from textwrap import dedent
from typing import Any

from pipfast.model.direct_url import Origin, direct_url
from pipfast.model.value import dataclass
from pipfast.model.version import PIP_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One distribution of a report; `metadata` is the METADATA document's text."""

    origin: Origin
    yanked: bool
    direct: bool
    requested: bool
    extras: Sequence[str]
    metadata: str


def report(items: Sequence[Reported], markers: Mapping[str, str]) -> str:
    """The installation report as pip writes it to a file (its specification, version 1)."""
    document = {
        "version": "1",
        "pip_version": PIP_VERSION,
        "install": [_item(item) for item in items],
        "environment": dict(markers),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _item(item: Reported) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "download_info": direct_url(item.origin),
        "is_direct": item.direct,
        "is_yanked": item.yanked,
        "requested": item.requested,
        "metadata": metadata_json(item.metadata),
    }
    if item.requested and item.extras:
        # pip makes an argument's own extras lower case, and does no more to them.
        entry["requested_extras"] = sorted({extra.lower() for extra in item.extras})
    return entry


_SINGLE, _SEVERAL = False, True
FIELDS = {
    "Metadata-Version": _SINGLE,
    "Name": _SINGLE,
    "Version": _SINGLE,
    "Dynamic": _SEVERAL,
    "Platform": _SEVERAL,
    "Supported-Platform": _SEVERAL,
    "Summary": _SINGLE,
    "Description": _SINGLE,
    "Description-Content-Type": _SINGLE,
    "Keywords": _SINGLE,
    "Home-page": _SINGLE,
    "Download-URL": _SINGLE,
    "Author": _SINGLE,
    "Author-email": _SINGLE,
    "Maintainer": _SINGLE,
    "Maintainer-email": _SINGLE,
    "License": _SINGLE,
    "License-Expression": _SINGLE,
    "License-File": _SEVERAL,
    "Classifier": _SEVERAL,
    "Requires-Dist": _SEVERAL,
    "Requires-Python": _SINGLE,
    "Requires-External": _SEVERAL,
    "Project-URL": _SEVERAL,
    "Provides-Extra": _SEVERAL,
    "Provides-Dist": _SEVERAL,
    "Obsoletes-Dist": _SEVERAL,
}
"""The fields of core metadata that are told, in the order of pip's output."""


def metadata_json(text: str) -> dict[str, Any]:
    """Core metadata in the JSON form of PEP 566; the document's body is the description."""
    message = HeaderParser().parsestr(text)
    body = str(message.get_payload())  # HeaderParser leaves it as it is
    found: dict[str, Any] = {}
    for field, several in FIELDS.items():
        values = [_decoded(_redented(value)) for value in message.get_all(field, [])]
        if field == "Description" and body:
            values = [body]
        if not values:
            continue
        key = field.lower().replace("-", "_")
        if several:
            found[key] = values
        else:
            found[key] = _keywords(values[0]) if field == "Keywords" else values[0]
    return found


def _redented(value: str | Header) -> str | Header:
    """A field of several lines without the margin that RFC 822 asks for (importlib.metadata)."""
    if not isinstance(value, str) or "\n" not in value:
        return value
    return dedent(" " * 8 + value)


def _decoded(value: str | Header) -> str:
    """A header's text; bytes that are not ASCII are UTF-8, or Latin-1 at worst."""
    if not isinstance(value, Header):
        return str(value)
    chunks: list[tuple[bytes | str, str | None]] = []
    for raw, encoding in decode_header(value):
        if encoding == "unknown-8bit" and isinstance(raw, bytes):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                chunks.append((raw, "latin1"))
            else:
                chunks.append((raw, "utf-8"))
        else:
            chunks.append((raw, encoding))
    return str(make_header(chunks))


def _keywords(value: str) -> list[str]:
    """Keywords, separated by commas as they should be or by spaces as they used to be."""
    return [one.strip() for one in value.split(",")] if "," in value else value.split()
