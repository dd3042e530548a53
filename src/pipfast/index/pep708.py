"""Decide which pages of several indexes belong to one project (PEP 708).

An index that extends another one says so itself (`tracks`). It is trusted, because only its
operator can say so and the user has listed it first. Alternate locations are declared by a
project, so both pages must name each other.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pipfast.store.page_cache import Page

_PORTS = {"http": 80, "https": 443}


def names(page: Page, addresses: frozenset[str]) -> bool:
    """Return whether `page` names a page at one of the normalised `addresses`."""
    return any(normalised(named) in addresses for listed in page.related for named in listed)


def tracks(page: Page, addresses: frozenset[str]) -> bool:
    """Return whether `page` extends the page at one of the normalised `addresses`."""
    return any(normalised(named) in addresses for named in page.related[0])


def normalised(address: str) -> str:
    """Return `address` without credentials, default port, fragment and final slash.

    The host is in lower case. An invalid address is returned unchanged and equals no other.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return address
    scheme = parts.scheme.lower()
    host = parts.hostname or ""
    if port is not None and port != _PORTS.get(scheme):
        host = f"{host}:{port}"
    return f"{scheme}://{host}{parts.path.rstrip('/')}?{parts.query}"
