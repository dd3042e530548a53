"""Which hosts are reached without the proxy, compared with requests, which pip uses."""

from __future__ import annotations

import os
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pip._vendor.requests.utils import should_bypass_proxies

from pipfast.net.proxies import Proxies

PROXY = "http://proxy.example:3128"
HOSTS = ("127.0.0.1", "10.1.2.3", "127.1", "files.example.org", "notexample.org", "localhost",
         "example.org", "[::1]", "a.b.corp")  # fmt: skip
ENTRIES = ("127.0.0.1", "127.0.0.1:8080", "10.0.0.0/8", "10.1.2.3/32", "10.1.2.0/24", "10.1.2.3/0",
           "10.1.2.3/33", "10.1.2.3/x", "example.org", ".example.org", "*.example.org", "org",
           "example.org:8080", "*", "localhost", "::1", "[::1]", "corp", "b.corp:443")  # fmt: skip


def is_direct(url: str, no_proxy: str, variable: str = "no_proxy") -> tuple[bool, bool]:
    """Return whether pip, and whether pipfast reaches `url` without the proxy."""
    environ = {"http_proxy": PROXY, "https_proxy": PROXY, variable: no_proxy}
    with patch.dict(os.environ, environ, clear=True):
        proxy = Proxies(None, from_environment=True).for_url(url)
        return should_bypass_proxies(url, None), proxy is None


@settings(deadline=None)
@given(
    host=st.sampled_from(HOSTS),
    port=st.sampled_from(("", ":8080", ":443")),
    entries=st.lists(st.sampled_from(ENTRIES), max_size=3),
    blank=st.sampled_from((",", ", ", ",,")),
    variable=st.sampled_from(("no_proxy", "NO_PROXY")),
)
def test_no_proxy_means_what_it_means_to_pip(
    host: str, port: str, entries: list[str], blank: str, variable: str
) -> None:
    of_pip, ours = is_direct(f"https://{host}{port}/simple/", blank.join(entries), variable)
    assert ours == of_pip


@pytest.mark.parametrize(
    ("host", "entry", "expected"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080", False),
        ("notexample.org", "example.org", False),
        ("files.example.org:8080", "example.org:8080", True),
        ("10.1.2.3", "10.0.0.0/8", True),
    ],
)
def test_an_entry_is_an_address_or_a_domain(host: str, entry: str, *, expected: bool) -> None:
    assert is_direct(f"http://{host}/", entry) == (expected, expected)
