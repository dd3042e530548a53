"""Parse the links of an HTML index page, and its metadata."""

from __future__ import annotations

from html.parser import HTMLParser

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.input_limits import PAGE_FILES, SCRIPT_SIZE, TAG_SIZE, LimitExceeded, Unit

_CHUNK = 64 << 10
"""Characters that the parser gets at once."""

_WANTED = frozenset(
    (
        *("href", "data-requires-python", "data-yanked"),
        *("data-core-metadata", "data-dist-info-metadata"),
    )
)

Attributes = dict[str, str | None]


@dataclass(slots=True)
class HtmlPage:
    """A page's first ``<base href>``, the attributes of its links, its ``<meta>`` by name."""

    base: str | None = None
    anchors: list[Attributes] = field(default_factory=list)
    metadata: dict[str, list[str]] = field(default_factory=dict)


def read_anchors(text: str, url: str) -> HtmlPage:
    """Return the content of the page at `url` that matters to an installer.

    Raises ValueError; LimitExceeded for too many links and tags that are too long.
    """
    parser = _Parser(url)
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            parser.check()
    except AssertionError as error:  # of a marked section that is not HTML
        raise ValueError(str(error)) from None
    return parser.found


class _Parser(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self.found = HtmlPage()

    def check(self) -> None:
        """Check what was read so far. Raises LimitExceeded."""
        pending = len(self.rawdata)
        is_tag = self.cdata_elem is None and self.rawdata[1:2].isalpha()
        limit = TAG_SIZE if is_tag else SCRIPT_SIZE
        if pending > limit:
            raise LimitExceeded(self._url, limit >> 10, Unit.TAG)
        if len(self.found.anchors) > PAGE_FILES:
            raise LimitExceeded(self._url, PAGE_FILES, Unit.FILES)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.anchors.append({name: value for name, value in attrs if name in _WANTED})
        elif tag == "base" and self.found.base is None:
            self.found.base = dict(reversed(attrs)).get("href")
        elif tag == "meta":
            self._add_metadata(dict(attrs))

    def _add_metadata(self, attributes: Attributes) -> None:
        name, content = attributes.get("name"), attributes.get("content")
        if name and content:
            self.found.metadata.setdefault(name.lower(), []).append(content.strip())
