"""Check the address of a request and encode it as HTTP needs it."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.net.errors import MALFORMED_PROXY, UnusableProxyError, UnusableUrlError

_READY = lazy_pattern(
    r"https?://(?:[^/?#@\\]*@)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?::(?:[0-9]{1,4}|[1-5][0-9]{4}))?"
    r"(?:/(?:[\w.~/:@!$&'()*+,;=?-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
"""Addresses that are sent unchanged, which most are."""

_KEPT = "!#$%&'()*+,/:;=?@[]~"  # what requests does not quote
_BAD_PERCENT = lazy_pattern("%(?![0-9A-Fa-f]{2})")


def request_url(url: str) -> str:
    """Return `url` with a quoted path and query and an ASCII host (requests behaviour).

    Raises UnusableUrlError if no request can be sent to it.
    """
    if _READY.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UnusableUrlError(url, f"Failed to parse: {url}, {error}") from None
    if parts.scheme not in ("http", "https"):
        raise UnusableUrlError(url, f"No connection adapters were found for {url!r}")
    if not parts.hostname:
        raise UnusableUrlError(url, f"Invalid URL {url!r}: No host supplied")
    return urlunsplit((
        parts.scheme,
        _netloc(parts),
        _quoted(parts.path),
        _quoted(parts.query),
        "",
    ))  # fmt: skip


def proxy_url(url: str) -> str:
    """Return a proxy's URL with its host in ASCII, without a path.

    Raises UnusableProxyError if it cannot be used, UnusableUrlError for an invalid host or port.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UnusableUrlError(url, f"Failed to parse: {url}, {error}") from None
    if not parts.hostname:
        raise UnusableProxyError(MALFORMED_PROXY)
    if parts.scheme not in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
        why = f"Proxy URL had unsupported scheme {parts.scheme}, should use http:// or https://"
        raise UnusableProxyError(why)
    return f"{parts.scheme}://{_netloc(parts)}"


def _netloc(parts: SplitResult) -> str:
    """Return user, host and port with the host in ASCII (IDNA)."""
    user, at, place = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        raise UnusableUrlError(
            place, f"Failed to parse: {place!r} is not a valid host or port"
        ) from None
    if ":" in host:
        name = f"[{host}]"
    else:
        try:
            name = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise UnusableUrlError(
                place, f"Failed to parse: {host!r}, label empty or too long"
            ) from None
    return f"{user}{at}{name}" + ("" if port is None else f":{port}")


def _quoted(text: str) -> str:
    kept = _KEPT.replace("%", "") if _BAD_PERCENT.search(text) else _KEPT
    return quote(text, safe=kept, errors="surrogatepass")
