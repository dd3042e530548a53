"""TOML, in the layout in which pip writes it: tables apart, short ones in line.

Source: TOML 1.0; the layout is that of pip 26.3's lock files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 100
"""Characters of a line that a table in an array may take with its indentation and its comma."""

_INDENTATION = " " * 4
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile('[\\x00-\\x08\\x0a-\\x1f\\x7f"\\\\]')
_SHORT = {"\b": "\\b", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

Table = Mapping[str, Any]


def written(table: Table) -> str:
    """`table` as a document; its values are texts, booleans, numbers, times, lists and tables.

    Raises TypeError for a value of another kind.
    """
    return "\n".join("".join(block) for block in _blocks(table, "", ""))


def _blocks(table: Table, name: str, header: str) -> Iterator[list[str]]:
    """The blocks of lines of a table and those in it, between which an empty line stands."""
    plain = {key: value for key, value in table.items() if not _stands_apart(value)}
    apart = {key: value for key, value in table.items() if key not in plain}
    lines = [f"{_key(key)} = {_value(value, 0)}\n" for key, value in plain.items()]
    is_array = header.startswith("[[")
    if is_array or (name and (lines or not apart)):
        lines.insert(0, f"{header}\n")
    if lines:
        yield lines
    for key, value in apart.items():
        below = f"{name}.{_key(key)}" if name else _key(key)
        if isinstance(value, Mapping):
            yield from _blocks(value, below, f"[{below}]")
        else:
            for one in value:
                yield from _blocks(one, below, f"[[{below}]]")


def _stands_apart(value: object) -> bool:
    """Whether a value gets headers of its own: a table, or an array of tables not all short."""
    if isinstance(value, Mapping):
        return True
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(isinstance(one, Mapping) for one in value) and not all(map(_is_short, value))


def _is_short(table: Table) -> bool:
    line = f"{_INDENTATION}{_inline(table)},"
    return len(line) <= WIDTH and "\n" not in line


def _value(value: object, depth: int) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case list() | tuple():
            return _array(value, depth)
        case Mapping():
            return _inline(value)
        case int() | float():
            return str(value)
        case _:
            raise TypeError(f"not a value of a lock file: {value!r}")


def _array(values: list[Any] | tuple[Any, ...], depth: int) -> str:
    if not values:
        return "[]"
    inner = _INDENTATION * (depth + 1)
    lines = "".join(f"{inner}{_value(one, depth + 1)},\n" for one in values)
    return f"[\n{lines}{_INDENTATION * depth}]"


def _inline(table: Table) -> str:
    if not table:
        return "{}"
    pairs = ", ".join(f"{_key(key)} = {_value(value, 0)}" for key, value in table.items())
    return f"{{ {pairs} }}"


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda found: _escape(found[0]), text) + '"'


def _escape(character: str) -> str:
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
