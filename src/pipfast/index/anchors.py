"""The anchors of an HTML page."""

from __future__ import annotations

from html.parser import HTMLParser

Attributes = dict[str, str | None]


def read_anchors(text: str) -> tuple[str | None, list[Attributes]]:
    """The first ``<base href>`` of a page, None without one, and its anchors' attributes."""
    parser = _Anchors()
    parser.feed(text)
    return parser.base, parser.anchors


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base: str | None = None
        self.anchors: list[Attributes] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.anchors.append(dict(attrs))
        elif tag == "base" and self.base is None:
            self.base = dict(reversed(attrs)).get("href")
