import gzip
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipfast.errors import Interrupted
from pipfast.model.events import Event, Listener, silent
from pipfast.model.version import PIP_VERSION
from pipfast.net.auth import basic_auth
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    HTTPStatusError,
    ProxyConnectionError,
    RangesUnsupportedError,
    TooManyErrorResponses,
    UnusableUrlError,
)
from pipfast.net.events import CredentialsRejected, RequestRetried
from pipfast.policy.network import NetworkPolicy
from pipfast.report.render import text_of
from tests.kit.site import Question, Reply, Site, ranged, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


@pytest.fixture(autouse=True)
def no_pauses_and_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.net.client.time.sleep", lambda _: None)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")


OPEN: list[Client] = []


@pytest.fixture(autouse=True)
def every_client_is_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def client(policy: NetworkPolicy, emit: Listener = silent) -> Client:
    OPEN.append(Client(policy, emit))
    return OPEN[-1]


def policy_of(**fields: object) -> NetworkPolicy:
    return NetworkPolicy(**{"interactive": False, "keyring": "disabled", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_compressed_response_is_decompressed(site: Site, coding: str) -> None:
    body = gzip.compress(b"hello") if coding == "gzip" else b"hello"
    site.pages["/a"] = Reply(body, headers={"content-encoding": coding})
    assert client(policy_of()).get(f"{site.base}/a").body == b"hello"


def test_broken_compression_is_a_connection_error(site: Site) -> None:
    site.pages["/a"] = Reply(b"\x1f\x8bnonsense", headers={"content-encoding": "gzip"})
    with pytest.raises(ConnectionFailedError):
        client(policy_of()).get(f"{site.base}/a")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
@pytest.mark.parametrize("surplus", [0, 1])
def test_a_body_is_limited_as_sent_and_decompressed(
    site: Site, coding: str, surplus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.net.client.BODY_SIZE", 1 << 20)
    monkeypatch.setattr("pipfast.net.response_body.BODY_SIZE", 1 << 20)
    body = bytes((1 << 20) + surplus)
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(coding, body)
    site.pages["/a"] = Reply(packed, headers={"content-encoding": coding})
    if not surplus:
        assert client(policy_of()).get(f"{site.base}/a").body == body
        return
    with pytest.raises(ConnectionFailedError, match="more than 1 MiB"):
        client(policy_of()).get(f"{site.base}/a")


def test_a_stream_is_not_decompressed(site: Site) -> None:
    site.pages["/a"] = Reply(gzip.compress(b"x"), headers={"content-encoding": "gzip"})
    with client(policy_of()).stream(f"{site.base}/a") as stream:
        assert b"".join(stream.chunks) == gzip.compress(b"x")
    assert site.questions[0].headers["accept-encoding"] == "identity"


def test_the_user_agent_is_that_of_pip(site: Site) -> None:
    site.pages["/a"] = Reply()
    client(policy_of()).get(f"{site.base}/a")
    assert site.questions[0].headers["user-agent"].startswith(f'pip/{PIP_VERSION} {{"ci":')


def test_a_redirect_is_followed_and_the_response_has_its_url(site: Site) -> None:
    site.pages["/a"] = Reply(status=301, headers={"location": "/b"})
    site.pages["/b"] = Reply(b"there")
    answer = client(policy_of()).get(f"{site.base}/a")
    assert (answer.body, answer.url) == (b"there", f"{site.base}/b")


def test_a_redirect_to_a_file_is_not_followed(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "file:///etc/passwd"})
    assert client(policy_of()).get(f"{site.base}/a").status == 302


def test_circular_redirects_end(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "/a"})
    with pytest.raises(ConnectionFailedError, match="Exceeded 30 redirects"):
        client(policy_of()).get(f"{site.base}/a")


def test_credentials_of_the_url_are_sent_and_never_shown(site: Site) -> None:
    site.pages["/a"] = Reply(status=404)
    answer = client(policy_of()).get(site.base.replace("//", "//me:secret@") + "/a")
    assert site.questions[0].headers["authorization"] == basic_auth("me", "secret")
    with pytest.raises(HTTPStatusError) as fault:
        answer.raise_for_status()
    assert "secret" not in fault.value.message


def test_the_reason_phrase_of_the_server_is_reported(site: Site) -> None:
    site.pages["/a"] = Reply(status=404, reason="Gone to lunch")
    with pytest.raises(HTTPStatusError, match="404 Client Error: Gone to lunch for url: "):
        client(policy_of()).text(f"{site.base}/a")
    with (
        pytest.raises(HTTPStatusError, match="404 Client Error: Gone to lunch for url: "),
        client(policy_of()).stream(f"{site.base}/a"),
    ):
        pass


def test_credentials_do_not_follow_to_another_host(site: Site) -> None:
    with serving() as other:
        site.pages["/a"] = Reply(status=302, headers={"location": f"{other.base}/b"})
        other.pages["/b"] = Reply(b"ok")
        client(policy_of()).get(site.base.replace("//", "//me:secret@") + "/a")
        assert "authorization" not in other.questions[0].headers


def test_credentials_follow_on_the_same_host(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "/b"})
    site.pages["/b"] = Reply(b"ok")
    client(policy_of()).get(site.base.replace("//", "//me:secret@") + "/a")
    assert site.asked("/b")[0].headers["authorization"] == basic_auth("me", "secret")


def test_files_get_the_credentials_of_their_index(site: Site) -> None:
    site.pages["/files/a.whl"] = Reply(b"ok")
    index = site.base.replace("//", "//me:secret@") + "/simple"
    with client(policy_of(index_urls=(index,))).stream(f"{site.base}/files/a.whl") as stream:
        assert b"".join(stream.chunks) == b"ok"
    assert site.questions[0].headers["authorization"] == basic_auth("me", "secret")


def test_netrc_is_read(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    site.pages["/a"] = Reply()
    client(policy_of()).get(f"{site.base}/a")
    assert site.questions[0].headers["authorization"] == basic_auth("me", "secret")


def test_wrong_credentials_are_reported_once_and_the_response_is_the_401(site: Site) -> None:
    events: list[Event] = []
    site.pages["/a"] = Reply(status=401)
    policy = policy_of(index_urls=(site.base.replace("//", "//me:bad@"),))
    answer = client(policy, events.append).get(f"{site.base}/a")
    assert answer.status == 401
    assert len(site.questions) == 2
    assert events == [CredentialsRejected(f"{site.base}/a")]
    assert text_of(CredentialsRejected("u")) == "401 Error, Credentials not correct for u"


def test_wrong_credentials_of_the_url_itself_are_sent_once(site: Site) -> None:
    site.pages["/a"] = Reply(status=401)
    url = site.base.replace("//", "//me:bad@") + "/a"
    assert client(policy_of()).get(url).status == 401
    assert len(site.questions) == 1


def test_requests_that_the_end_of_the_run_cuts_are_not_repeated(site: Site) -> None:
    begun, cut, told = threading.Event(), threading.Event(), list[Event]()

    def respond(question: Question) -> Reply:
        begun.set()
        cut.wait(5)
        raise ConnectionError  # the connection ends without a response

    site.pages["/a"] = respond
    one, errors = client(policy_of(retries=3), told.append), []

    def ask() -> None:
        try:
            one.get(f"{site.base}/a")
        except Interrupted as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(5)
    one._transport.is_closed = True  # as `close` does, whenever the engine notices it
    cut.set()
    asking.join(5)
    assert len(errors) == len(site.questions) == 1
    assert told == []


@pytest.mark.parametrize("status", [500, 502, 503, 520, 527])
def test_a_temporary_error_is_retried(site: Site, status: int) -> None:
    def respond(question: Question) -> Reply:
        return Reply(b"ok") if len(site.questions) > 2 else Reply(status=status)

    site.pages["/a"] = respond
    assert client(policy_of()).get(f"{site.base}/a").body == b"ok"
    assert len(site.questions) == 3


def test_a_lasting_error_is_raised_after_all_retries(site: Site) -> None:
    site.pages["/a"] = Reply(status=503)
    with pytest.raises(TooManyErrorResponses, match="too many 503 error responses") as caught:
        client(policy_of(retries=2)).get(f"{site.base}/a")
    assert len(site.questions) == 3
    assert caught.value.response.startswith("503 Server Error: Service Unavailable for url: http")


@pytest.mark.skipif(sys.platform != "linux", reason="the error message is that of Linux")
def test_a_host_that_refuses_is_reported_after_each_retry() -> None:
    events: list[Event] = []
    with pytest.raises(
        ConnectionFailedError, match=r"Failed to connect to 127.0.0.1 while fetching"
    ):
        client(policy_of(retries=2), events.append).get("http://127.0.0.1:9/a")
    broken = (
        "NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): "
        'Failed to establish a new connection: [Errno 111] Connection refused")'
    )
    assert [text_of(event) for event in events if isinstance(event, RequestRetried)] == [
        f"Retrying (Retry(total={left}, connect=None, read=None, redirect=None, status=None)) "
        f"after connection broken by '{broken}': /a"
        for left in (1, 0)
    ]


def test_a_proxy_that_refuses_is_an_error() -> None:
    policy = policy_of(retries=0, proxy="http://u:p@127.0.0.1:9")
    with pytest.raises(ProxyConnectionError, match=r"proxy http://u:\*{4}@127.0.0.1:9 while"):
        client(policy).get("http://example.invalid/a")


def test_a_host_that_does_not_respond_times_out(site: Site) -> None:
    import threading

    release = threading.Event()

    def respond(question: Question) -> Reply:
        release.wait(5)
        return Reply()

    site.pages["/a"] = respond
    with pytest.raises(ConnectionTimeoutError, match=r"didn't respond within 0.1 seconds"):
        client(policy_of(retries=0, timeout=0.1)).get(f"{site.base}/a")
    release.set()


def test_a_proxy_gets_the_absolute_url(site: Site) -> None:
    site.pages["http://example.invalid/a"] = Reply(b"through")
    answer = client(policy_of(proxy=site.base)).get("http://example.invalid/a")
    assert answer.body == b"through"


def test_an_empty_proxy_overrides_the_environment(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.pages["/a"] = Reply(b"straight")
    assert client(policy_of(proxy="")).get(f"{site.base}/a").body == b"straight"


@pytest.mark.parametrize(
    ("start", "end", "part"), [(-3, None, b"789"), (2, 4, b"23"), (8, None, b"89")]
)
def test_a_part_of_a_file_is_read(site: Site, start: int, end: int | None, part: bytes) -> None:
    site.pages["/a"] = ranged(b"0123456789")
    assert client(policy_of()).read_range(f"{site.base}/a", start, end) == (part, 10)


def test_a_server_without_ranges_is_an_error(site: Site) -> None:
    site.pages["/a"] = Reply(b"0123456789")
    with pytest.raises(RangesUnsupportedError):
        client(policy_of()).read_range(f"{site.base}/a", -3)


@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_server_that_says_when_is_asked_again(site: Site, status: int) -> None:
    replies = iter([Reply(b"", status, {"retry-after": "1"}), Reply(b"done")])
    site.pages["/x"] = lambda _: next(replies)
    assert client(policy_of(retries=1)).get(site.base + "/x").body == b"done"


def test_a_server_that_does_not_say_when_is_not_asked_again(site: Site) -> None:
    site.pages["/x"] = Reply(b"", 429)
    assert client(policy_of(retries=3)).get(site.base + "/x").status == 429
    assert len(site.asked("/x")) == 1


@pytest.mark.parametrize(
    ("said", "slept"),
    [("7", 7), ("999999", 120), ("\u00b2", None), ("x", None), ("Thu, 01 Jan 1970", None)],
)
def test_the_pause_is_what_the_server_says(
    site: Site, said: str, slept: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("pipfast.net.client.time.sleep", pauses.append)
    replies = iter([Reply(b"", 429, {"retry-after": said}), Reply(b"done")])
    site.pages["/x"] = lambda _: next(replies)
    assert client(policy_of(retries=1)).get(site.base + "/x").body == b"done"
    assert pauses == ([] if slept is None else [slept])


def test_several_codings_are_undone_in_turn(site: Site) -> None:
    twice = gzip.compress(gzip.compress(b"hello"))
    site.pages["/x"] = Reply(twice, headers={"content-encoding": "gzip, gzip"})
    assert client(policy_of()).get(site.base + "/x").body == b"hello"
    site.pages["/x"] = Reply(twice, headers={"content-encoding": ", ".join(["gzip"] * 6)})
    with pytest.raises(ConnectionFailedError, match="more than 5 content codings"):
        client(policy_of()).get(site.base + "/x")


def test_all_members_of_gzip_are_read(site: Site) -> None:
    body = gzip.compress(b"hel") + gzip.compress(b"lo") + b"what follows"
    site.pages["/x"] = Reply(body, headers={"content-encoding": "gzip"})
    assert client(policy_of()).get(site.base + "/x").body == b"hello"


def test_a_range_of_an_unknown_size_is_an_error(site: Site) -> None:
    site.pages["/x"] = Reply(b"a", 206, {"content-range": "bytes 0-0/\u00b2"})
    with pytest.raises(RangesUnsupportedError):
        client(policy_of()).read_range(site.base + "/x", 0, 1)


@pytest.mark.parametrize("place", ["http://127.0.0.1:999999/x", "http://[x/y", "http://a..b/x"])
def test_a_redirect_to_an_unusable_address_is_an_error(site: Site, place: str) -> None:
    site.pages["/x"] = Reply(b"", 302, {"location": place})
    with pytest.raises(UnusableUrlError):
        client(policy_of()).get(site.base + "/x")


def test_a_redirect_with_a_blank_is_followed(site: Site) -> None:
    site.pages["/x"] = Reply(b"", 302, {"location": "/y?a b"})
    site.pages["/y?a%20b"] = Reply(b"there")
    assert client(policy_of()).get(site.base + "/x").body == b"there"


def test_a_body_is_sent_again_after_a_redirect() -> None:
    with _taking() as (base, bodies):
        with Client(NetworkPolicy(retries=0)) as client:
            answer = client.put(f"{base}/moved", 6, lambda: iter([b"abc", b"def"]))
        assert (answer.status, bodies) == (201, [("/moved", b"abcdef"), ("/here", b"abcdef")])


@contextmanager
def _taking() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Run a server that stores what is PUT; ``/moved`` redirects."""
    bodies: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            bodies.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            is_moved = self.path == "/moved"
            self.send_response(307 if is_moved else 201)
            if is_moved:
                self.send_header("location", "/here")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Do not log requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", bodies
    finally:
        server.shutdown()
        server.server_close()
