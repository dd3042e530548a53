"""Decide which hosts may be read from: pip's secure origins and the hosts of --trusted-host."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.0/8", "::1/128")


def is_trusted(url: str, trusted_hosts: tuple[str, ...]) -> bool:
    """Return whether the host of `url` is in `trusted_hosts` (``host`` or ``host:port``)."""
    if not trusted_hosts:
        return False
    host, port = _host(url)
    return (host, port) in _pairs(trusted_hosts) or (host, None) in _pairs(trusted_hosts)


def is_secure(url: str, trusted_hosts: tuple[str, ...] = ()) -> bool:
    """Return whether pip reads from `url`.

    It does for https, ssh, file, the local host, and trusted hosts (pip's SECURE_ORIGINS).
    """
    scheme = url.partition(":")[0].lower().rpartition("+")[2]
    if scheme in ("https", "ssh", "file"):
        return True
    host, _ = _host(url)
    return host == "localhost" or _is_loopback(host) or is_trusted(url, trusted_hosts)


def pip_caches(url: str, trusted_hosts: tuple[str, ...] = ()) -> bool:
    """Return whether pip caches responses from `url`: not over plain http, except if trusted."""
    return url.lower().startswith("https:") or is_trusted(url, trusted_hosts)


def host_of(url: str) -> str:
    """Return the host of `url` in lower case, without port and credentials."""
    return _host(url)[0]


def _host(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", None
    try:
        return host, parts.port
    except ValueError:
        return host, None


@lru_cache(maxsize=8)
def _pairs(trusted_hosts: tuple[str, ...]) -> frozenset[tuple[str, int | None]]:
    return frozenset(_host(f"//{host}") for host in trusted_hosts)


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    if not host or not (host[0].isdigit() or ":" in host):
        return False
    from ipaddress import ip_address, ip_network

    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in _LOOPBACK)
