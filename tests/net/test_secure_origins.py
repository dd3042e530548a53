import pytest

from pipfast.net.secure_origins import is_kept, is_secure, trusts, untrusted_warning


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


def test_trust_is_what_the_user_gives_and_nothing_else() -> None:
    assert not trusts("https://localhost/", ())
    assert trusts("https://a/", ("a",))


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://a/x", True), ("http://127.0.0.1/x", False), ("http://trusted/x", True)],
)
def test_pip_keeps_what_came_by_https_or_from_a_trusted_host(url: str, kept: bool) -> None:
    assert is_kept(url, ("trusted",)) is kept


def test_the_warning_names_the_host_and_the_option() -> None:
    assert untrusted_warning("http://u:p@h:1/x").startswith(
        "The repository located at h is not a trusted or secure host and is being ignored."
    )
