"""Choose the proxy for a URL, and make connection pools for it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pipfast.net.request_url import proxy_url

if TYPE_CHECKING:
    import ssl

    import httpcore

_ADDRESS_BITS = 32
_NO_SYSTEM_PROXIES = sys.platform not in ("darwin", "win32")


class Proxies:
    """The proxy of ``--proxy``, else the proxies of environment variables and the system.

    An empty ``--proxy`` means no proxy.
    """

    def __init__(self, proxy: str | None, *, from_environment: bool) -> None:
        self._option = proxy
        self._from_environment = from_environment and proxy is None
        self._by_origin: dict[str, str | None] = {}

    def for_url(self, url: str) -> str | None:
        """Return the URL of the proxy for `url`, None for a direct connection."""
        if self._option is not None:
            return _with_scheme(self._option) if self._option else None
        if not self._from_environment:
            return None
        origin = "//".join(urlsplit(url)[:2])
        if origin not in self._by_origin:
            self._by_origin[origin] = _environment_proxy(url)
        return self._by_origin[origin]

    @staticmethod
    def pool(proxy: str, tls: ssl.SSLContext | None, connections: int) -> httpcore.ConnectionPool:
        """Return a connection pool through `proxy`, an http, https or SOCKS URL.

        The URL may contain credentials. Raises UnusableUrlError.
        """
        import httpcore

        proxy = proxy_url(proxy)
        parts = urlsplit(proxy)
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        if parts.scheme.startswith("socks"):
            from pipfast.net.socks import SocksBackend

            return httpcore.ConnectionPool(
                network_backend=SocksBackend(proxy),
                ssl_context=tls,
                max_connections=connections,
                max_keepalive_connections=connections,
            )
        return httpcore.HTTPProxy(
            bare,
            proxy_auth=auth,
            ssl_context=tls,
            proxy_ssl_context=tls if parts.scheme == "https" else None,
            max_connections=connections,
            max_keepalive_connections=connections,
        )


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _environment_proxy(url: str) -> str | None:
    if _NO_SYSTEM_PROXIES and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # importing urllib.request takes as long as several requests
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    host = parts.hostname or ""
    if not proxy or not host:
        return None
    if _is_exempt(host, parts.port) or proxy_bypass(host):
        return None
    return _with_scheme(proxy)


def _is_exempt(host: str, port: int | None) -> bool:
    """Return whether ``no_proxy`` lists a host, as requests, which pip uses, reads it.

    An entry is an address or a network if `host` is an IPv4 address, else a host or a domain, with
    or without a port.
    """
    value = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    entries = [entry for entry in value.replace(" ", "").split(",") if entry]
    if not entries:
        return False
    address = _ipv4(host)
    if address is None:
        names = (host, f"{host}:{port}") if port else (host,)
        domains = [f".{entry.lstrip('.')}" for entry in entries]
        return any(f".{name}".endswith(domain) for name in names for domain in domains)
    return any(host == entry or _is_in_network(address, entry) for entry in entries)


def _is_in_network(address: int, entry: str) -> bool:
    network, _, length = entry.partition("/")
    first = _ipv4(network)
    if first is None or not length.isdecimal() or not 1 <= int(length) <= _ADDRESS_BITS:
        return False
    ignored = _ADDRESS_BITS - int(length)
    return address >> ignored == first >> ignored


def _ipv4(host: str) -> int | None:
    """Return an IPv4 address in any of the forms of the C library, None for another host."""
    from socket import inet_aton

    try:
        return int.from_bytes(inet_aton(host), "big")
    except (OSError, UnicodeError):
        return None
