"""Credentials are sent to the scheme, host and port that they are for, and nowhere else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.net.auth import basic_auth, may_follow, origin
from pipfast.net.client import Client
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Reply, Site, serving, tls_context

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
MINE = basic_auth("me", "secret")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    tls, certificate = tls_context(tmp_path_factory.mktemp("tls"))
    with serving(tls) as site:
        yield site, certificate


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", "/nonexistent")


def _netrc(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    file = folder / "netrc"
    file.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(file))


def _sent(secured: tuple[Site, str], url: str, **fields: object) -> list[str | None]:
    """Return the Authorization header of each request that a GET of `url` causes."""
    site, certificate = secured
    site.questions.clear()
    policy = NetworkPolicy(
        **{"interactive": False, "keyring": "disabled", "certificate": certificate, **fields}  # type: ignore[arg-type]
    )
    with Client(policy) as client:
        assert client.get(url).body == b"ok"
    return [question.headers.get("authorization") for question in site.questions]


def _redirecting(site: Site, target: str) -> str:
    """Make ``/a`` redirect to `target`; return its https address with an account."""
    site.pages["/a"] = Reply(status=302, headers={"location": target})
    site.pages["/b"] = Reply(b"ok")
    return site.base.replace("http://", "https://me:secret@") + "/a"


def test_a_redirect_to_http_on_the_same_host_and_port(secured: tuple[Site, str]) -> None:
    url = _redirecting(secured[0], f"{secured[0].base}/b")
    assert _sent(secured, url) == [MINE, None]


def test_a_redirect_to_https_on_the_same_host_and_port(secured: tuple[Site, str]) -> None:
    url = _redirecting(secured[0], "/b")
    assert _sent(secured, url) == [MINE, MINE]


def test_a_redirect_to_http_with_an_account_in_netrc(
    secured: tuple[Site, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _netrc(monkeypatch, tmp_path)
    url = _redirecting(secured[0], f"{secured[0].base}/b").replace("me:secret@", "")
    assert _sent(secured, url) == [MINE, None]


def test_a_file_by_http_of_an_index_by_https(secured: tuple[Site, str]) -> None:
    site = secured[0]
    site.pages["/b"] = Reply(b"ok")
    index = site.base.replace("http://", "https://me:secret@") + "/simple"
    assert _sent(secured, f"{site.base}/b", index_urls=(index,)) == [None]
    secure = site.base.replace("http:", "https:")
    assert _sent(secured, f"{secure}/b", index_urls=(index,)) == [MINE]


def test_a_file_by_http_of_an_index_by_https_with_an_account_in_netrc(
    secured: tuple[Site, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _netrc(monkeypatch, tmp_path)
    site = secured[0]
    site.pages["/b"] = Reply(b"ok")
    index = site.base.replace("http:", "https:") + "/simple"
    assert _sent(secured, f"{site.base}/b", index_urls=(index,)) == [None]


def test_credentials_found_for_https_are_not_remembered_for_http(
    secured: tuple[Site, str],
) -> None:
    site, certificate = secured
    site.pages["/b"] = Reply(b"ok")
    site.questions.clear()
    policy = NetworkPolicy(interactive=False, keyring="disabled", certificate=certificate)
    with Client(policy) as client:
        client.get(site.base.replace("http://", "https://me:secret@") + "/b")
        client.get(f"{site.base}/b")
    assert [each.headers.get("authorization") for each in site.questions] == [MINE, None]


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        ("https://a/x", "https://A:443/y", True),
        ("http://a/x", "https://a/y", True),
        ("https://a/x", "http://a/y", False),
        ("http://a:8080/x", "https://a:8080/y", False),
        ("https://a/x", "https://a:444/y", False),
        ("https://a/x", "https://b/y", False),
        ("https://a/x", "https://a:b/y", False),
    ],
)
def test_where_credentials_may_follow(source: str, target: str, allowed: bool) -> None:
    assert may_follow(origin(source), origin(target)) is allowed
