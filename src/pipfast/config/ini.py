"""Read simple INI files without importing configparser."""

from __future__ import annotations


def plain_values(data: bytes) -> list[tuple[str, str, str]] | None:
    """Return section, key as written, and value of every line, in order.

    Return None for files that are not simple: multi-line values, text beyond ASCII, repeated
    sections or keys, errors, ``[DEFAULT]``. These need configparser, whose import takes as long
    as the rest of this package.
    """
    if not data.isascii() or b"\r" in data or b"\0" in data:
        return None
    found: list[tuple[str, str, str]] = []
    seen: set[tuple[str, str]] = set()
    section = ""
    for line in data.decode("ascii").split("\n"):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if line[0] == "[":
            section = text[1:-1]
            mark = (section, "")
            plain = text[-1] == "]" and "]" not in section and section not in ("", "DEFAULT")
        else:
            key, value = _split(text)
            mark = (section, key.lower().replace("_", "-").removeprefix("--"))
            plain = bool(section and key and mark[1]) and not line[0].isspace()
            found.append((section, key, value))
        if not plain or mark in seen:
            return None
        seen.add(mark)
    return found


def _split(text: str) -> tuple[str, str]:
    """Split a line at the first ``=`` or ``:``; the key is empty if there is neither."""
    ends = [end for end in (text.find("="), text.find(":")) if end >= 0]
    if not ends:
        return "", ""
    return text[: min(ends)].strip(), text[min(ends) + 1 :].strip()
