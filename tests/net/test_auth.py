import pytest

from pipfast.model.events import Event, silent
from pipfast.net import auth
from pipfast.net.auth import Authenticator, basic_auth, credentials_in, without_credentials
from pipfast.net.events import KeyringSkipped
from pipfast.policy.network import NetworkPolicy
from pipfast.report.render import text_of


@pytest.fixture(autouse=True)
def no_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", "/nonexistent/netrc")


class FakeKeyring:
    can_save = False

    def __init__(self, **stored: tuple[str, str]) -> None:
        self.stored = stored
        self.requests: list[tuple[str, str | None]] = []

    def get(self, service: str, user: str | None) -> tuple[str, str] | None:
        self.requests.append((service, user))
        if "broken" in self.stored:
            raise RuntimeError("locked")
        return self.stored.get(service.rstrip("/").rpartition("/")[2])

    def save(self, service: str, user: str, password: str) -> None:
        raise NotImplementedError


def authenticator(
    ring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, events: list[Event], **fields: object
) -> Authenticator:
    monkeypatch.setattr(auth, "keyring", lambda provider, python, emit: ring)
    policy = NetworkPolicy(**{"interactive": False, "keyring": "import", **fields})  # type: ignore[arg-type]
    return Authenticator(policy, events.append)


@pytest.mark.parametrize(
    ("url", "credentials", "bare"),
    [
        ("https://h/a", (None, None), "https://h/a"),
        ("https://u@h/a", ("u", None), "https://h/a"),
        ("https://u:p%40@h:1/a@b", ("u", "p@"), "https://h:1/a@b"),
        ("https://h/a@b", (None, None), "https://h/a@b"),
    ],
)
def test_credentials_are_separated_from_the_url(
    url: str, credentials: tuple[str | None, str | None], bare: str
) -> None:
    assert credentials_in(url) == credentials
    assert without_credentials(url) == bare


def test_a_url_gets_the_credentials_of_the_index_with_the_longest_common_path() -> None:
    urls = ("https://a:1@h/team/simple", "https://b:2@h/other/simple")
    find = Authenticator(NetworkPolicy(index_urls=urls), silent).credentials
    assert find("https://h/other/files/x.whl") == ("b", "2")
    assert find("https://h/team/simple/demo/") == ("a", "1")
    assert find("https://else/x") is None


def test_credentials_of_a_host_are_used_for_it_again() -> None:
    find = Authenticator(NetworkPolicy(index_urls=()), silent).credentials
    find("https://u:p@h/a")
    assert find("https://h/b") == ("u", "p")
    assert find("https://other@h/b") == ("other", "")


def test_the_keyring_is_queried_for_the_index_and_then_for_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = FakeKeyring(h=("u", "p"))
    found = authenticator(ring, monkeypatch, [], index_urls=("https://me@h/simple",))
    assert found.after_challenge("https://h/simple/demo/") == ("u", "p")
    assert ring.requests == [("https://h/simple/", "me"), ("h", "me")]


def test_a_keyring_that_fails_is_reported_and_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[Event] = []
    found = authenticator(FakeKeyring(broken=("", "")), monkeypatch, events, index_urls=())
    assert found.after_challenge("https://h/a") is None
    assert events == [KeyringSkipped("locked")]
    assert text_of(KeyringSkipped("locked")) == "Keyring is skipped due to an exception: locked"


def test_a_run_without_prompts_uses_no_keyring_unless_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = FakeKeyring(h=("u", "p"))
    assert (
        authenticator(ring, monkeypatch, [], keyring="auto").after_challenge("https://h/a") is None
    )
    assert ring.requests == []


def test_basic_auth_is_encoded_as_latin_1() -> None:
    assert basic_auth("u", "ä") == "Basic dTrk"
