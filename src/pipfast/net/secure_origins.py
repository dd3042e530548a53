"""Which hosts may be read from: pip's list of secure origins, and the hosts the user trusts."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.0/8", "::1/128")


def trusts(url: str, trusted_hosts: tuple[str, ...]) -> bool:
    """Whether the host of `url` is one of `trusted_hosts` (``host`` or ``host:port``)."""
    if not trusted_hosts:
        return False
    host, port = _host(url)
    return (host, port) in _pairs(trusted_hosts) or (host, None) in _pairs(trusted_hosts)


def is_secure(url: str, trusted_hosts: tuple[str, ...] = ()) -> bool:
    """Whether pip would read from `url` without ``--trusted-host``, or may with it.

    Secure are https, ssh, file, this machine itself and the trusted hosts (pip's
    SECURE_ORIGINS).
    """
    scheme = url.partition(":")[0].lower().rpartition("+")[2]
    if scheme in ("https", "ssh", "file"):
        return True
    host, _ = _host(url)
    return host == "localhost" or _is_loopback(host) or trusts(url, trusted_hosts)


def is_kept(url: str, trusted_hosts: tuple[str, ...] = ()) -> bool:
    """Whether pip would say that it uses a cached answer: it keeps none that came by plain http.

    Answers of trusted hosts are kept.
    """
    return url.lower().startswith("https:") or trusts(url, trusted_hosts)


def host_of(url: str) -> str:
    """The host of `url` in lower case, without port and secrets."""
    return _host(url)[0]


def untrusted_warning(url: str) -> str:
    """The words of pip for a page that is not read because its host is not trusted."""
    host = urlsplit(url).hostname
    return (
        f"The repository located at {host} is not a trusted or secure host and is being ignored. "
        "If this repository is available via HTTPS we recommend you use HTTPS instead, otherwise "
        f"you may silence this warning and allow it anyway with '--trusted-host {host}'."
    )


def _host(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    try:
        return (parts.hostname or "", parts.port)
    except ValueError:
        return (parts.hostname or "", None)


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
