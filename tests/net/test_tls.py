"""Which certificates are trusted, with real servers."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.model.frozen_dataclass import replace
from pipfast.net import tls
from pipfast.net.client import Client
from pipfast.net.errors import SSLVerificationError
from pipfast.net.tls import ssl_context
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Reply, Site, serving, tls_context

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

COUNT = 4


@dataclass
class Servers:
    """Two https servers with certificates of their own, and an http server."""

    one: Site
    other: Site
    plain: Site
    certificate: str
    others_certificate: str


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    tls, certificate = tls_context(tmp_path_factory.mktemp("one"))
    others_tls, others = tls_context(tmp_path_factory.mktemp("other"))
    with serving(tls) as one, serving(others_tls) as other, serving() as plain:
        for site in (one, other, plain):
            site.pages["/"] = Reply(b"ok")
        yield Servers(one, other, plain, certificate, others)


POLICY = NetworkPolicy(retries=0, interactive=False, keyring="disabled")


def answers(policy: NetworkPolicy, *urls: str) -> list[bool]:
    """Return whether each URL, asked in turn by one client, gives an answer."""
    client = Client(policy)
    found = [_is_trusted(client, url) for url in urls]
    client.close()
    return found


def _is_trusted(client: Client, url: str) -> bool:
    try:
        return client.get(url).body == b"ok"
    except SSLVerificationError:
        return False


def secure(site: Site) -> str:
    return f"{site.base.replace('http:', 'https:')}/"


def test_trust_does_not_depend_on_what_was_asked_first(servers: Servers) -> None:
    policy = replace(POLICY, certificate=servers.certificate)
    plain, one, other = f"{servers.plain.base}/", secure(servers.one), secure(servers.other)
    assert answers(policy, plain, one, other) == [True, True, False]
    assert answers(policy, one, other, plain) == [True, False, True]


def test_legacy_certificates_do_not_trust_more_behind_http(servers: Servers) -> None:
    policy = replace(POLICY, system_certificates=False)
    assert answers(policy, f"{servers.plain.base}/", secure(servers.one)) == [True, False]


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_variable_wins_over_the_option_even_if_its_file_is_missing(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, servers.certificate)
    for option in (servers.others_certificate, "missing.pem", None):
        policy = replace(POLICY, certificate=option)
        assert answers(policy, secure(servers.one), secure(servers.other)) == [True, False]


def test_a_proxy_option_turns_the_variables_off(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "missing.pem")
    policy = replace(POLICY, certificate=servers.certificate, proxies_from_environment=False)
    assert answers(policy, secure(servers.one)) == [True]


def test_a_bundle_is_added_to_the_systems_store(servers: Servers, tmp_path: Path) -> None:
    """OpenSSL's default files are the system's store on Linux; here a variable names them."""
    policy = replace(POLICY, certificate=servers.certificate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", servers.others_certificate)
        patch.setenv("SSL_CERT_DIR", str(tmp_path))
        both = answers(policy, secure(servers.one), secure(servers.other))
        legacy = replace(policy, system_certificates=False)
        alone = answers(legacy, secure(servers.one), secure(servers.other))
    assert both == [True, True]
    assert alone == [True, False]


def test_the_systems_store_may_lie_where_openssl_does_not_look(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    places = (str(tmp_path / "neither.pem"), servers.certificate, servers.others_certificate)
    monkeypatch.setattr(tls, "CERTIFICATE_FILES", places)
    assert answers(POLICY, secure(servers.one), secure(servers.other)) == [True, False]


@pytest.mark.parametrize("by_openssl", [True, False], ids=["openssl", "truststore"])
def test_connections_are_made_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_openssl: bool
) -> None:
    monkeypatch.setattr(tls, "uses_openssl", lambda: by_openssl)
    context, certificate = tls_context(tmp_path)
    all_here = threading.Barrier(COUNT)

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(1, socket.MSG_PEEK)
            all_here.wait(10)  # no handshake ends before all have begun
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1 << 16)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(2 * COUNT) as threads:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        client = Client(replace(POLICY, certificate=certificate))
        requests = [threads.submit(client.get, url) for _ in range(COUNT)]
        served = [threads.submit(serve, server.accept()[0]) for _ in range(COUNT)]
        assert [each.result().body for each in requests] == [b"ok"] * COUNT
        assert not any(each.exception() for each in served)
        client.close()


def test_a_missing_bundle_is_an_error() -> None:
    with pytest.raises(InstallationError, match=r"invalid path: missing\.pem"):
        ssl_context(replace(POLICY, certificate="missing.pem"), verify=True)


def test_a_trusted_host_needs_no_certificate(servers: Servers) -> None:
    host = secure(servers.one).removeprefix("https://").rstrip("/")
    policy = replace(POLICY, trusted_hosts=(host,))
    assert answers(policy, secure(servers.one), secure(servers.other)) == [True, False]
    assert ssl_context(POLICY, verify=False).verify_mode is ssl.CERT_NONE
