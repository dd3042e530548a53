"""Versions as they are written, without `packaging.version`, which costs a start 20 ms."""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_NORMAL = re.compile(
    rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?"
    rf"(?:\+(?:{_NUMBER}|[a-z][a-z0-9]*)(?:\.(?:{_NUMBER}|[a-z][a-z0-9]*))*)?"
)
"""Most versions there are: those that PEP 440 would write no other way."""


def version_text(text: str) -> str | None:
    """The version as PEP 440 writes it, None for what is none."""
    if _NORMAL.fullmatch(text):
        return text
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(text))
    except InvalidVersion:
        return None


def pinned(name: str, version: str, raw_version: str | None) -> str:
    """The requirement that asks for this very version: ``name==1.0``, ``name===old-style``."""
    text = version_text(version)
    return f"{name}==={raw_version}" if text is None else f"{name}=={text}"
