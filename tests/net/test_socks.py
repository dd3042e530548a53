"""SOCKS proxies, with real ones on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat.kit.proxies import Account, Proxy, SocksProxy
from pipfast.model.frozen_dataclass import replace
from pipfast.net.client import Client
from pipfast.net.errors import ProxyConnectionError
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Reply, Site, serving, tls_context

POLICY = NetworkPolicy(retries=0, interactive=False, keyring="disabled")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        running.pages["/"] = Reply(b"ok")
        yield running


def fetched(proxy: str, url: str, policy: NetworkPolicy = POLICY) -> bytes:
    client = Client(replace(policy, proxy=proxy))
    try:
        return client.get(url).body
    finally:
        client.close()


@pytest.mark.parametrize(
    ("scheme", "how", "host"),
    [
        ("socks4", "SOCKS4", "127.0.0.1"),
        ("socks4a", "SOCKS4a", "localhost"),
        ("socks5", "SOCKS5", "127.0.0.1"),
        ("socks5h", "SOCKS5h", "localhost"),
    ],
)
def test_the_scheme_decides_who_resolves_the_name(
    site: Site, scheme: str, how: str, host: str
) -> None:
    url = f"{site.base.replace('127.0.0.1', 'localhost')}/"
    port = site.base.rpartition(":")[2]
    with Proxy(SocksProxy) as proxy:
        assert fetched(f"{scheme}://127.0.0.1:{proxy.port}", url) == b"ok"
        assert proxy.lines in ([f"{how} {host}:{port}"], [f"{how} ::1:{port}"])


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_user_and_a_password_are_sent(site: Site, scheme: str) -> None:
    with Proxy(SocksProxy, Account("me", "p@ss")) as proxy:
        place = f"127.0.0.1:{proxy.port}"
        assert fetched(f"{scheme}://me:p%40ss@{place}", f"{site.base}/") == b"ok"
        for account in ("me:wrong@", ""):
            with pytest.raises(ProxyConnectionError) as caught:
                fetched(f"{scheme}://{account}{place}", f"{site.base}/")
            assert "wrong" not in str(caught.value)


def test_a_user_of_version_4_is_sent(site: Site) -> None:
    with Proxy(SocksProxy, Account("me")) as proxy:
        place = f"127.0.0.1:{proxy.port}"
        assert fetched(f"socks4://me@{place}", f"{site.base}/") == b"ok"
        with pytest.raises(ProxyConnectionError, match="0x5d: Request rejected"):
            fetched(f"socks4://{place}", f"{site.base}/")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_certificates_are_verified_behind_the_proxy(tmp_path: Path) -> None:
    tls, certificate = tls_context(tmp_path)
    with serving(tls) as site, Proxy(SocksProxy) as proxy:
        site.pages["/"] = Reply(b"ok")
        secure = f"{site.base.replace('http:', 'https:')}/"
        policy = replace(POLICY, certificate=certificate)
        assert fetched(f"socks5h://127.0.0.1:{proxy.port}", secure, policy) == b"ok"
        with pytest.raises(Exception, match="secure connection"):
            fetched(f"socks5h://127.0.0.1:{proxy.port}", secure)


@pytest.mark.parametrize("scheme", ["socks4", "socks5"])
def test_a_target_that_refuses_is_the_proxys_answer(scheme: str) -> None:
    with Proxy(SocksProxy) as proxy, pytest.raises(ProxyConnectionError, match="0x"):
        fetched(f"{scheme}://127.0.0.1:{proxy.port}", "http://127.0.0.1:1/")


def test_a_proxy_that_is_not_there_is_named() -> None:
    with pytest.raises(ProxyConnectionError, match=r"socks5://127\.0\.0\.1:1"):
        fetched("socks5://127.0.0.1:1", "http://127.0.0.1:2/")
