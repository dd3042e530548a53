"""What to do about a failed request, and whose credentials were sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.errors import Remedy
from pipfast.index.forbidden_pages import _NOBODY, ForbiddenPages
from pipfast.model.credentials import CredentialSource, KeyringUse
from pipfast.model.failure_hints import (
    Certificate,
    CheckCertificate,
    CheckCredentials,
    CheckNetwork,
    CheckProxy,
    Fault,
    ServerFailed,
)
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionTimeoutError,
    HTTPStatusError,
    NetworkError,
    ProxyConnectionError,
    SSLVerificationError,
    connection_refused,
)
from pipfast.policy.network import NetworkPolicy
from pipfast.session.network_hints import about_network
from tests.kit.own_command import Workplace
from tests.kit.site import Reply, serving

URL = "https://index.example/simple/demo/"
POLICY = NetworkPolicy(index_urls=("https://index.example/simple",), interactive=False)


def hints(fault: NetworkError, policy: NetworkPolicy = POLICY) -> list[Remedy]:
    with Client(policy) as client:
        return list(about_network(fault, client, ForbiddenPages(client)))


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        (connection_refused(URL, "index.example", "no", resolving=True), Fault.NAME),
        (connection_refused(URL, "index.example", "no", resolving=False), Fault.CONNECTION),
        (ConnectionTimeoutError(URL, "index.example", 15, connecting=True), Fault.TIMEOUT),
    ],
)
def test_a_connection_that_fails(fault: NetworkError, hint: Fault) -> None:
    assert hints(fault) == [CheckNetwork(host="index.example", fault=hint)]


@pytest.mark.parametrize(
    ("why", "fault"),
    [
        ("certificate verify failed: self-signed certificate", Certificate.ISSUER),
        ("certificate verify failed: unable to get local issuer certificate", Certificate.ISSUER),
        ("certificate verify failed: certificate has expired", Certificate.EXPIRED),
        ("certificate verify failed: Hostname mismatch, certificate is not", Certificate.NAME),
        ("unsupported protocol", Certificate.OTHER),
    ],
)
def test_a_certificate_that_is_refused(why: str, fault: Certificate) -> None:
    found = hints(SSLVerificationError(URL, "index.example", why))
    assert found == [CheckCertificate(host="index.example", fault=fault, trusted="")]


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_is_shown_with_its_variable_and_without_its_password(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "http://me:secret@proxy.example:3128")
    found = hints(ProxyConnectionError(URL, "http://me:secret@proxy.example:3128", "refused"))
    assert found == [CheckProxy(proxy="http://me:****@proxy.example:3128", variable=variable)]


def test_an_error_of_the_server_is_the_servers() -> None:
    assert hints(HTTPStatusError(URL, 503, "busy")) == [
        ServerFailed(host="index.example", status=503)
    ]
    assert hints(HTTPStatusError(URL, 404, "absent")) == []


def refused(user: str, source: CredentialSource, keyring: KeyringUse) -> CheckCredentials:
    return CheckCredentials(
        url=URL, host="index.example", status=401, user=user, source=source, keyring=keyring
    )


def test_credentials_of_the_url_are_named_without_the_password() -> None:
    policy = NetworkPolicy(
        index_urls=("https://me:secret@index.example/simple",), keyring="disabled"
    )
    found = hints(HTTPStatusError(URL, 401, "Unauthorized"), policy)
    assert found == [refused("me", CredentialSource.URL, KeyringUse.DISABLED)]


def test_credentials_of_netrc_are_named_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine index.example login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    found = hints(HTTPStatusError(URL, 401, "Unauthorized"))
    assert found == [refused("me", CredentialSource.NETRC, KeyringUse.DISABLED)]


def test_without_credentials_there_is_no_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    found = hints(HTTPStatusError(URL, 401, "Unauthorized"))
    assert found == [refused("", CredentialSource.NONE, KeyringUse.DISABLED)]


def test_an_index_that_forbids_a_page_is_asked_about_others_once(tmp_path: Path) -> None:
    with serving() as site:
        nobody = f"/main/{_NOBODY}/"
        site.pages["/main/demo/"] = site.pages[nobody] = Reply(b"no", 403)
        listed = b'{"meta": {"api-version": "1.0"}, "projects": [{"name": "demo"}]}'
        kind = {"content-type": "application/vnd.pypi.simple.v1+json"}
        site.pages["/main/"] = Reply(listed, headers=kind)
        place = Workplace(tmp_path, {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""})
        done = place.run("download", "demo", "-i", f"{site.base}/main")
        assert "answers 403, and no user is known for it" in done.err
        assert len(site.asked(nobody)) == len(site.asked("/main/")) == 1
