import pytest

from pipfast.net.errors import UnusableProxyError, UnusableUrlError
from pipfast.net.request_url import proxy_url, request_url


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.example/simple/x/", "https://a.example/simple/x/"),
        ("http://me:pass@a.example:8080/x%20y?a=b", "http://me:pass@a.example:8080/x%20y?a=b"),
        ("http://a.example/x?a b=c d", "http://a.example/x?a%20b=c%20d"),
        ("http://a.example/100%/x", "http://a.example/100%25/x"),
        ("http://me@ex\u00e4mple.org/\u00e4", "http://me@xn--exmple-cua.org/%C3%A4"),
        ("http://a.example/?\ud800", "http://a.example/?%ED%A0%80"),
        ("http://[::1]:80/x y", "http://[::1]:80/x%20y"),
    ],
)
def test_an_address_is_encoded_as_requests_does(url: str, sent: str) -> None:
    assert request_url(url) == sent


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a:99999/x", "'a:99999' is not a valid host or port"),
        ("http://a:b/x", "'a:b' is not a valid host or port"),
        ("http://[::1/x", "Invalid IPv6 URL"),
        ("http://a..b/x", "label empty or too long"),
        (f"http://{'a' * 64}/x", "label empty or too long"),
        ("http:///x", "No host supplied"),
        ("foo://a/x", "No connection adapters were found for 'foo://a/x'"),
        ("git+ext::sh", "No connection adapters were found for 'git+ext::sh'"),
    ],
)
def test_an_address_without_a_server_is_an_error(url: str, why: str) -> None:
    with pytest.raises(UnusableUrlError) as caught:
        request_url(url)
    assert why in caught.value.message


def test_an_error_shows_no_secret() -> None:
    with pytest.raises(UnusableUrlError) as caught:
        request_url("http://me:secret@a:b/x")
    assert "secret" not in caught.value.message + caught.value.url


@pytest.mark.parametrize(
    ("url", "said"),
    [("foo://a:1", "unsupported scheme foo"), ("http://", "could be missing the host")],
)
def test_a_proxy_that_is_none_ends_the_run(url: str, said: str) -> None:
    with pytest.raises(UnusableProxyError, match=said):
        proxy_url(url)


@pytest.mark.parametrize("url", ["http://a:b", "http://a..b", "http://[::1"])
def test_an_unusable_proxy_is_an_error(url: str) -> None:
    with pytest.raises(UnusableUrlError):
        proxy_url(url)
