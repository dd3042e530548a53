"""A METADATA document as pip sees it: its fields in order, and the text below them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_END = re.compile(r"^(?![\x21-\x39\x3b-\x7e]*:|[ \t])", re.MULTILINE)
"""Where the fields end: at the first line that is neither a field nor goes on with one."""

_FIELD = re.compile(r"^([\x21-\x39\x3b-\x7e]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
_MARGIN = " " * 8

REQUIRES = "requires-dist"
EXTRAS = "provides-extra"


class Document:
    """The `body` below the fields, and the fields by name, whatever their case.

    Source: core metadata specification; RFC 822 as `email.parser` reads it, and
    `importlib.metadata`, which takes the margin from fields of several lines.
    """

    __slots__ = ("_fields", "body")

    def __init__(self, text: str) -> None:
        text = lines_ended(text)
        found = _END.search(text)
        end = found.start() if found else len(text)
        self.body = text[end + 1 :] if text[end : end + 1] == "\n" else text[end:]
        self._fields: dict[str, list[str]] = {}
        for name, value in _FIELD.findall(text, 0, end):
            self._fields.setdefault(name.lower(), []).append(value)

    def first(self, name: str) -> str | None:
        """The first value of the field `name` (in lower case), None where there is none."""
        values = self._fields.get(name)
        return _redented(values[0]) if values else None

    def all(self, name: str) -> list[str]:
        """Every value of the field `name` (in lower case), in order."""
        return [_redented(value) for value in self._fields.get(name, ())]

    def raw(self, name: str) -> list[str]:
        """As `all`, with line ends and margins as they are written."""
        return self._fields.get(name, [])

    def filled_with(self, fields: Mapping[str, Sequence[str]]) -> Document:
        """The document with the values of those `fields` that it does not have itself."""
        filled = Document("")
        filled.body = self.body
        filled._fields = {
            **{name: list(values) for name, values in fields.items() if values},
            **self._fields,
        }
        return filled


def lines_ended(text: str) -> str:
    """`text` with every kind of line end as one."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _redented(value: str) -> str:
    if "\n" not in value:
        return value
    from textwrap import dedent

    return dedent(_MARGIN + value)
