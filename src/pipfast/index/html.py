"""Parse the links of an HTML index page, and its metadata."""

from __future__ import annotations

from html.parser import HTMLParser

from pipfast.model.frozen_dataclass import dataclass, field

Attributes = dict[str, str | None]


@dataclass(slots=True)
class HtmlPage:
    """A page's first ``<base href>``, the attributes of its links, its ``<meta>`` by name."""

    base: str | None = None
    anchors: list[Attributes] = field(default_factory=list)
    metadata: dict[str, list[str]] = field(default_factory=dict)


def read_anchors(text: str) -> HtmlPage:
    """Return the content of a page that matters to an installer. Raises ValueError."""
    parser = _Parser()
    try:
        parser.feed(text)
    except AssertionError as error:  # of a marked section that is not HTML
        raise ValueError(str(error)) from None
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = HtmlPage()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.anchors.append(dict(attrs))
        elif tag == "base" and self.found.base is None:
            self.found.base = dict(reversed(attrs)).get("href")
        elif tag == "meta":
            self._add_metadata(dict(attrs))

    def _add_metadata(self, attributes: Attributes) -> None:
        name, content = attributes.get("name"), attributes.get("content")
        if name and content:
            self.found.metadata.setdefault(name.lower(), []).append(content.strip())
