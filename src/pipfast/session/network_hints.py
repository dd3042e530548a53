"""Hints on requests that failed: what to check, and where a setting comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipfast.errors import Remedy
from pipfast.index.forbidden_pages import ForbiddenPages
from pipfast.model.failure_hints import (
    Certificate,
    CheckCertificate,
    CheckCredentials,
    CheckNetwork,
    CheckProxy,
    Fault,
    ForbidsUnknown,
    ServerFailed,
)
from pipfast.model.link import redact
from pipfast.net.auth import without_credentials
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    HTTPStatusError,
    NetworkError,
    ProxyConnectionError,
    SSLVerificationError,
)

_ISSUER = ("self-signed", "self signed", "unable to get local issuer", "unable to get issuer")


def about_network(
    fault: NetworkError, client: Client, forbidden: ForbiddenPages
) -> Iterator[Remedy]:
    """Yield what to do about `fault`; `forbidden` may know its index already."""
    host = urlsplit(fault.url).netloc.rpartition("@")[2]
    match fault:
        case ProxyConnectionError(proxy=proxy):
            variable = "" if client.policy.proxy else _proxy_variable(fault.url, proxy)
            yield CheckProxy(proxy=redact(proxy), variable=variable)
        case SSLVerificationError(why=why):
            trusted = client.policy.certificate or ""
            yield CheckCertificate(host=host, fault=_of_certificate(why), trusted=trusted)
        case ConnectionTimeoutError():
            yield CheckNetwork(host=host, fault=Fault.TIMEOUT)
        case ConnectionFailedError(is_name=is_name):
            yield CheckNetwork(host=host, fault=Fault.NAME if is_name else Fault.CONNECTION)
        case HTTPStatusError(status=403, requested=url) if _is_unlisted(url, forbidden):
            yield ForbidsUnknown(url=without_credentials(fault.url))
        case HTTPStatusError(status=401 | 403):
            yield _credentials(fault, host, client)
        case HTTPStatusError(status=status) if status >= 500:
            yield ServerFailed(host=host, status=status)


def _is_unlisted(url: str, forbidden: ForbiddenPages) -> bool:
    """Return whether `url` is a project's page that its index forbids because there is none."""
    return url.partition("?")[0].endswith("/") and forbidden.is_unlisted(url)


def _credentials(fault: HTTPStatusError, host: str, client: Client) -> Remedy:
    account = client.account(fault.requested)
    return CheckCredentials(
        url=without_credentials(fault.url),
        host=host.partition(":")[0],
        status=fault.status,
        user=account.user,
        source=account.source,
        keyring=account.keyring,
    )


def _of_certificate(why: str) -> Certificate:
    text = why.lower()
    if "expired" in text:
        return Certificate.EXPIRED
    if "hostname mismatch" in text or "doesn't match" in text or "not valid for" in text:
        return Certificate.NAME
    if any(each in text for each in _ISSUER):
        return Certificate.ISSUER
    return Certificate.OTHER


def _proxy_variable(url: str, proxy: str) -> str:
    """Return the environment variable that names `proxy`, empty if none does."""
    wanted = urlsplit(proxy if "://" in proxy else f"//{proxy}").netloc
    for scheme in (urlsplit(url).scheme, "all"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            value = os.environ.get(name, "")
            if value and urlsplit(value if "://" in value else f"//{value}").netloc == wanted:
                return name
    return ""
