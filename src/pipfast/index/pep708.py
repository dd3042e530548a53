"""Which pages of several indexes are of one project, by what they say of one another (PEP 708).

An index that extends another says so of itself (`tracks`), and is believed: its operator alone can
say it, and the user has put that index first. Alternate locations are said by a project, so that
each page has to name the other.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pipfast.store.page_cache import Page

_PORTS = {"http": 80, "https": 443}


def names(page: Page, addresses: frozenset[str]) -> bool:
    """Whether `page` says anything of a page at one of the plain `addresses`."""
    return any(plain(one) in addresses for listed in page.kinship for one in listed)


def tracks(page: Page, addresses: frozenset[str]) -> bool:
    """Whether `page` extends the page at one of the plain `addresses`."""
    return any(plain(one) in addresses for one in page.kinship[0])


def plain(address: str) -> str:
    """`address` without secrets, default port, fragment and closing slash, the host in lower case.

    An address that is none stays as it is, and is nobody's.
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
