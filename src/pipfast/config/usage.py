"""The usage text above a command line error, wrapped like pip's."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pipfast.config.option_table import Command


def usage_text(command: Command, program: str, environ: Mapping[str, str]) -> str:
    """Return what pip writes to stderr above the message, without the blank line between them.

    Empty for a command without usage (``completion``), where pip prints no blank line either.
    Lines are wrapped at ``COLUMNS``, else at the terminal's width, else at 80 (pip prints this
    text with rich).
    """
    if not command.usage:
        return ""
    name = program if command.name == "global" else f"{program} {command.name}"
    lines = [f"  {line.replace('%prog', name)}" for line in command.usage]
    text = "\n".join(["", f"Usage: {lines[0]}", *lines[1:], ""])
    width = _width(environ)
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _width(environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns):
        return int(columns)
    return next(filter(None, map(_columns, (0, 1, 2))), 80)


def _columns(stream: int) -> int:
    try:
        return os.get_terminal_size(stream).columns
    except OSError:
        return 0


def _folded(line: str, width: int) -> list[str]:
    """Break `line` before the word that does not fit; a word that is too long is cut."""
    if len(line) <= width:
        return [line]
    parts = [""]
    for word in _words(line):
        if parts[-1] and len(parts[-1]) + len(word.rstrip()) > width:
            parts.append("")
        while len(word.rstrip()) > width:
            parts[-1], word = word[:width], word[width:]  # noqa: PLW2901 - what is left of it
            parts.append("")
        parts[-1] += word
    return [part[:width] + part[width:].rstrip() for part in parts]


def _words(line: str) -> list[str]:
    """Split `line` into words with the spaces behind each (and before the first)."""
    words: list[str] = []
    start = len(line) - len(line.lstrip())
    begin = 0
    while begin < len(line):
        end = max(begin, start)
        while end < len(line) and not line[end].isspace():
            end += 1
        while end < len(line) and line[end].isspace():
            end += 1
        words.append(line[begin:end])
        begin = end
    return words
