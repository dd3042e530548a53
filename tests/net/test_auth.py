import pytest

from pipfast.model.events import Event, Said, silent
from pipfast.net import auth
from pipfast.net.auth import Authority, basic, secrets_of, without_secrets
from pipfast.policy.network import NetworkPolicy


@pytest.fixture(autouse=True)
def no_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", "/nonexistent/netrc")


class Ring:
    can_save = False

    def __init__(self, **kept: tuple[str, str]) -> None:
        self.kept = kept
        self.asked: list[tuple[str, str | None]] = []

    def get(self, service: str, user: str | None) -> tuple[str, str] | None:
        self.asked.append((service, user))
        if "broken" in self.kept:
            raise RuntimeError("locked")
        return self.kept.get(service.rstrip("/").rpartition("/")[2])

    def save(self, service: str, user: str, password: str) -> None:
        raise NotImplementedError


def authority(
    ring: Ring, monkeypatch: pytest.MonkeyPatch, said: list[Event], **fields: object
) -> Authority:
    monkeypatch.setattr(auth, "keyring", lambda provider, python, emit: ring)
    policy = NetworkPolicy(**{"interactive": False, "keyring": "import", **fields})  # type: ignore[arg-type]
    return Authority(policy, said.append)


@pytest.mark.parametrize(
    ("url", "secrets", "bare"),
    [
        ("https://h/a", (None, None), "https://h/a"),
        ("https://u@h/a", ("u", None), "https://h/a"),
        ("https://u:p%40@h:1/a@b", ("u", "p@"), "https://h:1/a@b"),
        ("https://h/a@b", (None, None), "https://h/a@b"),
    ],
)
def test_secrets_are_told_from_the_address(
    url: str, secrets: tuple[str | None, str | None], bare: str
) -> None:
    assert secrets_of(url) == secrets
    assert without_secrets(url) == bare


def test_of_two_indexes_the_nearer_one_gives_its_credentials() -> None:
    urls = ("https://a:1@h/team/simple", "https://b:2@h/other/simple")
    known = Authority(NetworkPolicy(index_urls=urls), silent).known
    assert known("https://h/other/files/x.whl") == ("b", "2")
    assert known("https://h/team/simple/demo/") == ("a", "1")
    assert known("https://else/x") is None


def test_what_worked_for_a_host_is_used_for_it_again() -> None:
    known = Authority(NetworkPolicy(index_urls=()), silent).known
    known("https://u:p@h/a")
    assert known("https://h/b") == ("u", "p")
    assert known("https://other@h/b") == ("other", "")


def test_the_keyring_is_asked_for_the_index_and_then_for_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = Ring(h=("u", "p"))
    who = authority(ring, monkeypatch, [], index_urls=("https://me@h/simple",))
    assert who.asked_for("https://h/simple/demo/") == ("u", "p")
    assert ring.asked == [("https://h/simple/", "me"), ("h", "me")]


def test_a_keyring_that_fails_is_told_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Event] = []
    who = authority(Ring(broken=("", "")), monkeypatch, said, index_urls=())
    assert who.asked_for("https://h/a") is None
    texts = [event.text for event in said if isinstance(event, Said)]
    assert texts == ["Keyring is skipped due to an exception: locked"]


def test_without_a_user_to_ask_the_keyring_is_not_asked_unless_it_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = Ring(h=("u", "p"))
    assert authority(ring, monkeypatch, [], keyring="auto").asked_for("https://h/a") is None
    assert ring.asked == []


def test_basic_credentials_are_latin_1_as_requests_sends_them() -> None:
    assert basic("u", "ä") == "Basic dTrk"
