"""Compute the freshness lifetime of a response (RFC 9111, private cache)."""

from __future__ import annotations

from collections.abc import Mapping

_LONGEST = 1 << 31  # seconds
_DIGITS = 18  # of the longest number that is converted


def lifetime(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a response with `headers` (lower-case keys) is fresh.

    0 means that it may be stored but must be revalidated before each use, None that it must not be
    stored. Without ``Cache-Control`` and ``Expires`` the lifetime is 0: pip's cache does not
    estimate one either. Source: RFC 9111 sections 4.2 and 5.2.
    """
    directives = _directives(headers.get("cache-control", ""))
    if "no-store" in directives:
        return None
    if headers.get("vary", "").strip() == "*":
        return None
    if "no-cache" in directives:
        return 0.0
    if "max-age" in directives:
        return max(0.0, _seconds(directives["max-age"]) - _seconds(headers.get("age", "")))
    if expires := headers.get("expires"):
        return _until(expires, headers.get("date"))
    return 0.0


def _directives(value: str) -> dict[str, str]:
    found = {}
    for part in value.split(","):
        name, _, argument = part.strip().partition("=")
        found[name.lower()] = argument.strip('" ')
    return found


def _seconds(text: str) -> float:
    """Return a number of seconds; a larger one than 2**31 is that (RFC 9111 section 1.2.2)."""
    if not (text.isascii() and text.isdigit()):
        return 0.0
    return float(min(int(text), _LONGEST)) if len(text) <= _DIGITS else float(_LONGEST)


def _until(expires: str, date: str | None) -> float:
    import time
    from email.utils import parsedate_to_datetime

    try:
        end = parsedate_to_datetime(expires).timestamp()
        start = parsedate_to_datetime(date).timestamp() if date else time.time()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return max(0.0, end - start)
