import gzip
import sys
from collections.abc import Iterator

import pytest

from pipfast.model.events import Event, Level, Listener, Said, silent
from pipfast.net.auth import basic
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailed,
    ProxyFailed,
    RangesUnsupported,
    StatusFault,
    TimedOut,
)
from pipfast.policy.network import NetworkPolicy
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


def session(policy: NetworkPolicy, emit: Listener = silent) -> Client:
    OPEN.append(Client(policy, emit))
    return OPEN[-1]


def quiet(**fields: object) -> NetworkPolicy:
    return NetworkPolicy(**{"interactive": False, "keyring": "disabled", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_compressed_answer_is_decompressed(site: Site, coding: str) -> None:
    body = gzip.compress(b"hello") if coding == "gzip" else b"hello"
    site.pages["/a"] = Reply(body, headers={"content-encoding": coding})
    assert session(quiet()).get(f"{site.base}/a").body == b"hello"


def test_a_broken_compression_is_a_fault_of_the_connection(site: Site) -> None:
    site.pages["/a"] = Reply(b"\x1f\x8bnonsense", headers={"content-encoding": "gzip"})
    with pytest.raises(ConnectionFailed):
        session(quiet()).get(f"{site.base}/a")


def test_a_file_is_streamed_as_it_is(site: Site) -> None:
    site.pages["/a"] = Reply(gzip.compress(b"x"), headers={"content-encoding": "gzip"})
    with session(quiet()).stream(f"{site.base}/a") as stream:
        assert b"".join(stream.chunks) == gzip.compress(b"x")
    assert site.questions[0].headers["accept-encoding"] == "identity"


def test_indexes_take_us_for_pip(site: Site) -> None:
    site.pages["/a"] = Reply()
    session(quiet()).get(f"{site.base}/a")
    assert site.questions[0].headers["user-agent"].startswith('pip/26.3 {"ci":')


def test_a_redirect_is_followed_and_the_last_address_told(site: Site) -> None:
    site.pages["/a"] = Reply(status=301, headers={"location": "/b"})
    site.pages["/b"] = Reply(b"there")
    answer = session(quiet()).get(f"{site.base}/a")
    assert (answer.body, answer.url) == (b"there", f"{site.base}/b")


def test_a_redirect_to_a_file_is_not_followed(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "file:///etc/passwd"})
    assert session(quiet()).get(f"{site.base}/a").status == 302


def test_redirects_in_a_circle_end(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "/a"})
    with pytest.raises(ConnectionFailed, match="Exceeded 30 redirects"):
        session(quiet()).get(f"{site.base}/a")


def test_credentials_of_the_url_are_sent_and_never_shown(site: Site) -> None:
    site.pages["/a"] = Reply(status=404)
    answer = session(quiet()).get(site.base.replace("//", "//me:secret@") + "/a")
    assert site.questions[0].headers["authorization"] == basic("me", "secret")
    with pytest.raises(StatusFault) as fault:
        answer.checked()
    assert "secret" not in fault.value.message


def test_the_reason_that_a_server_gives_is_told(site: Site) -> None:
    site.pages["/a"] = Reply(status=404, reason="Gone to lunch")
    with pytest.raises(StatusFault, match="404 Client Error: Gone to lunch for url: "):
        session(quiet()).text(f"{site.base}/a")
    with (
        pytest.raises(StatusFault, match="404 Client Error: Gone to lunch for url: "),
        session(quiet()).stream(f"{site.base}/a"),
    ):
        pass


def test_credentials_do_not_follow_to_another_host(site: Site) -> None:
    with serving() as other:
        site.pages["/a"] = Reply(status=302, headers={"location": f"{other.base}/b"})
        other.pages["/b"] = Reply(b"ok")
        session(quiet()).get(site.base.replace("//", "//me:secret@") + "/a")
        assert "authorization" not in other.questions[0].headers


def test_credentials_follow_on_the_same_host(site: Site) -> None:
    site.pages["/a"] = Reply(status=302, headers={"location": "/b"})
    site.pages["/b"] = Reply(b"ok")
    session(quiet()).get(site.base.replace("//", "//me:secret@") + "/a")
    assert site.asked("/b")[0].headers["authorization"] == basic("me", "secret")


def test_files_get_the_credentials_of_their_index(site: Site) -> None:
    site.pages["/files/a.whl"] = Reply(b"ok")
    index = site.base.replace("//", "//me:secret@") + "/simple"
    with session(quiet(index_urls=(index,))).stream(f"{site.base}/files/a.whl") as stream:
        assert b"".join(stream.chunks) == b"ok"
    assert site.questions[0].headers["authorization"] == basic("me", "secret")


def test_netrc_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    site.pages["/a"] = Reply()
    session(quiet()).get(f"{site.base}/a")
    assert site.questions[0].headers["authorization"] == basic("me", "secret")


def test_wrong_credentials_are_said_once_and_the_401_is_the_answer(site: Site) -> None:
    said: list[Event] = []
    site.pages["/a"] = Reply(status=401)
    answer = session(quiet(), said.append).get(site.base.replace("//", "//me:bad@") + "/a")
    assert answer.status == 401
    text = f"401 Error, Credentials not correct for {site.base}/a"
    assert said == [Said(Level.WARNING, text)]


@pytest.mark.parametrize("status", [500, 502, 503, 520, 527])
def test_a_passing_fault_is_asked_again(site: Site, status: int) -> None:
    def respond(question: Question) -> Reply:
        return Reply(b"ok") if len(site.questions) > 2 else Reply(status=status)

    site.pages["/a"] = respond
    assert session(quiet()).get(f"{site.base}/a").body == b"ok"
    assert len(site.questions) == 3


def test_a_lasting_fault_is_told_when_the_retries_are_used_up(site: Site) -> None:
    site.pages["/a"] = Reply(status=503)
    answer = session(quiet(retries=2)).get(f"{site.base}/a")
    assert (answer.status, len(site.questions)) == (503, 3)
    with pytest.raises(StatusFault, match="503 Server Error: Service Unavailable for url: http"):
        answer.checked()


@pytest.mark.skipif(sys.platform != "linux", reason="the system's words for it")
def test_a_host_that_is_not_there_is_named_after_every_retry_was_told() -> None:
    said: list[Event] = []
    with pytest.raises(ConnectionFailed, match=r"Failed to connect to 127.0.0.1 while fetching"):
        session(quiet(retries=2), said.append).get("http://127.0.0.1:9/a")
    broken = (
        "NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=9): "
        'Failed to establish a new connection: [Errno 111] Connection refused")'
    )
    assert [e.text for e in said if isinstance(e, Said)] == [
        f"Retrying (Retry(total={left}, connect=None, read=None, redirect=None, status=None)) "
        f"after connection broken by '{broken}': /a"
        for left in (1, 0)
    ]


def test_a_proxy_that_is_not_there_is_a_fault() -> None:
    policy = quiet(retries=0, proxy="http://u:p@127.0.0.1:9")
    with pytest.raises(ProxyFailed, match=r"proxy http://u:\*{4}@127.0.0.1:9 while"):
        session(policy).get("http://example.invalid/a")


def test_a_silent_host_runs_out_of_time(site: Site) -> None:
    import threading

    release = threading.Event()

    def respond(question: Question) -> Reply:
        release.wait(5)
        return Reply()

    site.pages["/a"] = respond
    with pytest.raises(TimedOut, match=r"didn't respond within 0.1 seconds"):
        session(quiet(retries=0, timeout=0.1)).get(f"{site.base}/a")
    release.set()


def test_a_proxy_gets_the_whole_address(site: Site) -> None:
    site.pages["http://example.invalid/a"] = Reply(b"through")
    answer = session(quiet(proxy=site.base)).get("http://example.invalid/a")
    assert answer.body == b"through"


def test_an_empty_proxy_overrides_the_environment(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.pages["/a"] = Reply(b"straight")
    assert session(quiet(proxy="")).get(f"{site.base}/a").body == b"straight"


@pytest.mark.parametrize(
    ("start", "end", "part"), [(-3, None, b"789"), (2, 4, b"23"), (8, None, b"89")]
)
def test_a_part_of_a_file_is_read(site: Site, start: int, end: int | None, part: bytes) -> None:
    site.pages["/a"] = ranged(b"0123456789")
    assert session(quiet()).read_range(f"{site.base}/a", start, end) == (part, 10)


def test_a_server_without_ranges_is_noticed(site: Site) -> None:
    site.pages["/a"] = Reply(b"0123456789")
    with pytest.raises(RangesUnsupported):
        session(quiet()).read_range(f"{site.base}/a", -3)
