"""Normalise common versions without `packaging.version`, whose import takes 20 ms."""

from __future__ import annotations

from pipfast.model.lazy_pattern import lazy_pattern

_NUMBER = r"(?:0|[1-9][0-9]*)"
_NORMAL = lazy_pattern(
    rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?"
    rf"(?:\+(?:{_NUMBER}|[a-z][a-z0-9]*)(?:\.(?:{_NUMBER}|[a-z][a-z0-9]*))*)?"
)
"""Matches versions that are already in PEP 440's normal form, which most are."""


def version_text(text: str) -> str | None:
    """Return the version in PEP 440's normal form, None if it is invalid."""
    if _NORMAL.fullmatch(text):
        return text
    from packaging.version import Version

    try:
        return str(Version(text))
    except ValueError:  # invalid, or a number with too many digits
        return None


def pinned(name: str, version: str, raw_version: str | None) -> str:
    """Return the requirement for exactly this version: ``name==1.0``, ``name===old-style``."""
    text = version_text(version)
    return f"{name}==={raw_version}" if text is None else f"{name}=={text}"
