from __future__ import annotations

import pytest

from pipfast.report.redaction import (
    redacted_words,
    secrets_in,
    without_account,
    without_password,
)


@pytest.mark.parametrize(
    ("word", "safe"),
    [
        ("me:pw@proxy:3128", "****@proxy:3128"),
        ("--proxy=me:pw@proxy:3128", "--proxy=****@proxy:3128"),
        ("--proxy=http://me:pw@proxy:3128", "--proxy=http://****@proxy:3128"),
        ("demo@git+ssh://git@host/x.git@main", "demo@git+ssh://****@host/x.git@main"),
        ("demo @ https://h/demo.whl", "demo @ https://h/demo.whl"),
        ("demo[a]>=1,<2", "demo[a]>=1,<2"),
        ("./a@b/c:d", "./a@b/c:d"),
    ],
)
def test_words_have_no_account(word: str, safe: str) -> None:
    assert redacted_words([word]) == [safe]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('{"url": "https://me:pw@h/x.whl?key=1"}', '{"url": "https://h/x.whl"}'),
        ('{"url": "ssh://git@h/x"}', '{"url": "ssh://git@h/x"}'),
        ('{"url": "https://${A}:${B}@h/x"}', '{"url": "https://${A}:${B}@h/x"}'),
        ('{"url": "https://token@h/x"}', '{"url": "https://h/x"}'),
    ],
)
def test_an_origin_keeps_what_pep_610_allows(text: str, safe: str) -> None:
    assert without_password(text) == safe


def test_an_url_without_its_account() -> None:
    assert without_account("https://me:pw@h/x.whl?sig=1") == "https://h/x.whl"


def test_secrets_of_the_environment_are_the_longest_first() -> None:
    environ = {"MY_TOKEN": "abcdef", "KEYBOARD": "qwertz", "URL": "https://me:longer-secret@h/"}
    assert secrets_in(environ, ["http://x:%61bcdefg@h"]) == [
        "longer-secret", "%61bcdefg", "abcdefg", "abcdef",
    ]  # fmt: skip
