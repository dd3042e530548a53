"""A METADATA document: its fields in order, and the body below them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipfast.model.lazy_pattern import lazy_pattern

_END = lazy_pattern(r"^(?![\x21-\x39\x3b-\x7e]*:|[ \t])", re.MULTILINE)
"""The end of the fields: the first line that is neither a field nor a continuation."""

_FIELD = lazy_pattern(r"^([\x21-\x39\x3b-\x7e]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
_MARGIN = " " * 8

REQUIRES = "requires-dist"
EXTRAS = "provides-extra"


class Document:
    """The `body`, and the fields by name, which is case-insensitive.

    Source: core metadata specification; RFC 822 as parsed by `email.parser`, and
    `importlib.metadata`, which removes the margin of multi-line fields.
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
        """Return the first value of the field `name` (in lower case), None if there is none."""
        values = self._fields.get(name)
        return _redented(values[0]) if values else None

    def all(self, name: str) -> list[str]:
        """Return every value of the field `name` (in lower case), in order."""
        return [_redented(value) for value in self._fields.get(name, ())]

    def raw(self, name: str) -> list[str]:
        """Return the same values with line endings and margins as written."""
        return self._fields.get(name, [])

    def filled_with(self, fields: Mapping[str, Sequence[str]]) -> Document:
        """Return the document with values for those `fields` that it does not have."""
        filled = Document("")
        filled.body = self.body
        filled._fields = {
            **{name: list(values) for name, values in fields.items() if values},
            **self._fields,
        }
        return filled


def lines_ended(text: str) -> str:
    """Return `text` with normalised line endings."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _redented(value: str) -> str:
    if "\n" not in value:
        return value
    from textwrap import dedent

    return dedent(_MARGIN + value)
