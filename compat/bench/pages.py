"""Convert an upstream index's pages to PEP 691 JSON."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit


class _Anchors(HTMLParser):
    """Collects the attributes of all links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def _row(anchor: dict[str, str | None], page: str) -> dict[str, Any]:
    address, _, fragment = urljoin(page, anchor.get("href") or "").partition("#")
    algorithm, _, digest = fragment.partition("=")
    filename = unquote(urlsplit(address).path.rpartition("/")[2])
    row: dict[str, Any] = {
        "filename": filename,
        "url": address,
        "hashes": {algorithm: digest} if digest else {},
        "yanked": (anchor["data-yanked"] or True) if "data-yanked" in anchor else False,
    }
    if anchor.get("data-requires-python"):
        row["requires-python"] = anchor["data-requires-python"]
    return row


def recorded(name: str, body: bytes, content_type: str, page: str) -> bytes:
    """Return the page as JSON in which every wheel has a metadata file (PEP 658), as on PyPI."""
    if "json" in content_type:
        document = json.loads(body)
    else:
        anchors = _Anchors()
        anchors.feed(body.decode())
        rows = [_row(anchor, page) for anchor in anchors.found if anchor.get("href")]
        document = {"meta": {"api-version": "1.1"}, "name": name, "files": rows}
    for row in document["files"]:
        row["url"] = urljoin(page, row["url"])
        if row["filename"].endswith(".whl"):
            row.setdefault("core-metadata", True)
    return json.dumps(document, separators=(",", ":")).encode()


def metadata_of(wheel: bytes) -> bytes | None:
    """Return a wheel's METADATA, for an upstream index without metadata files."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for name in archive.namelist():
            if name.endswith(".dist-info/METADATA") and name.count("/") == 1:
                return archive.read(name)
    return None
