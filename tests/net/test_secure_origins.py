import pytest

from pipfast.net.events import HostNotTrusted
from pipfast.net.secure_origins import is_secure, is_trusted, pip_caches
from pipfast.report.render import text_of


@pytest.mark.parametrize(
    ("url", "trusted", "secure"),
    [
        ("https://index.example/simple/", (), True),
        ("http://index.example/simple/", (), False),
        ("http://localhost:3141/", (), True),
        ("http://127.9.9.9/", (), True),
        ("http://[::1]:80/", (), True),
        ("http://10.0.0.1/", (), False),
        ("http://intern/", ("intern",), True),
        ("http://intern:81/", ("intern",), True),
        ("http://intern:81/", ("intern:82",), False),
        ("http://Intern:82/", ("intern:82",), True),
        ("ftp://intern/", (), False),
        ("git+ssh://intern/", (), True),
        ("file:///x", (), True),
    ],
)
def test_a_page_is_read_only_from_secure_and_trusted_hosts(
    url: str, trusted: tuple[str, ...], secure: bool
) -> None:
    assert is_secure(url, trusted) is secure


def test_only_hosts_that_the_user_names_are_trusted() -> None:
    assert not is_trusted("https://localhost/", ())
    assert is_trusted("https://a/", ("a",))


@pytest.mark.parametrize(
    ("url", "cached"),
    [("https://a/x", True), ("http://127.0.0.1/x", False), ("http://trusted/x", True)],
)
def test_pip_caches_responses_of_https_and_trusted_hosts(url: str, cached: bool) -> None:
    assert pip_caches(url, ("trusted",)) is cached


def test_the_warning_names_the_host_and_the_option() -> None:
    assert text_of(HostNotTrusted("h")).startswith(
        "The repository located at h is not a trusted or secure host and is being ignored."
    )
