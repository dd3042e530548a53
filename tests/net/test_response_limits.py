"""Each limit on answers, at the limit and one beyond; bodies have theirs in test_client.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipfast.net.client import Client
from pipfast.net.errors import ConnectionFailedError, RangesUnsupportedError
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Question, Reply, Site, serving

BEYOND = pytest.mark.parametrize("beyond", [0, 1])


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(NetworkPolicy(retries=0, proxies_from_environment=False)) as one:
        yield one


@pytest.mark.parametrize(("size", "connections"), [(1000, 1), (1001, 2)])
def test_the_body_of_a_redirect_is_read_up_to_a_limit(
    size: int, connections: int, site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.net.response_body.IGNORED_SIZE", 1000)
    site.pages["/a"] = Reply(bytes(size), 302, {"location": "/b"})
    site.pages["/b"] = Reply(b"b")
    opened: list[object] = []
    send = client._transport.send

    def counted(*args: object) -> object:
        stream, response = send(*args)  # type: ignore[arg-type]
        opened.append(response.extensions["network_stream"].get_extra_info("client_addr"))
        return stream, response

    monkeypatch.setattr(client._transport, "send", counted)
    assert client.get(site.base + "/a").body == b"b"
    assert len(set(opened)) == connections


@BEYOND
@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 15), (-10, None)])
def test_an_answer_with_more_bytes_than_were_requested_is_not_used(
    beyond: int, start: int, end: int | None, site: Site, client: Client
) -> None:
    def answer(_: Question) -> Reply:
        return Reply(bytes(10 + beyond), 206, {"content-range": "bytes 0-9/100"})

    site.pages["/a"] = answer
    if not beyond:
        assert client.read_range(site.base + "/a", start, end) == (bytes(10), 100)
    else:
        with pytest.raises(RangesUnsupportedError):
            client.read_range(site.base + "/a", start, end)


@BEYOND
@pytest.mark.parametrize("what", ["HEADERS", "HEADERS_SIZE"])
def test_headers(
    what: str, beyond: int, site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/a"] = Reply(headers={f"x-{number}": "y" for number in range(50)})
    with client.stream(site.base + "/a") as stream:
        headers = stream.headers
    size = sum(len(name) + len(value) for name, value in headers.items())
    limit = {"HEADERS": len(headers), "HEADERS_SIZE": size}[what]
    monkeypatch.setattr(f"pipfast.net.transport.{what}", limit - beyond)
    if not beyond:
        assert client.get(site.base + "/a").status == 200
    else:
        with pytest.raises(ConnectionFailedError, match="headers"):
            client.get(site.base + "/a")
