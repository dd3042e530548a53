"""The plain part of the INI language, read without importing configparser."""

from __future__ import annotations


def plain_values(data: bytes) -> list[tuple[str, str, str]] | None:
    """Section, key as written and value of every line, in order.

    None for whatever is not plain: values of several lines, text beyond ASCII, sections or keys
    that come twice, faults, ``[DEFAULT]``. Then configparser has to say what it means, which costs
    as much time as all the rest of this room.
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
    """Key and value around the first ``=`` or ``:``; no key where there is neither."""
    ends = [end for end in (text.find("="), text.find(":")) if end >= 0]
    if not ends:
        return "", ""
    return text[: min(ends)].strip(), text[min(ends) + 1 :].strip()
