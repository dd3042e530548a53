from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.report.redaction import redacted


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("-i https://me:pw@h/simple", "-i https://****@h/simple"),
        ("git+https://token@h/x.git@main", "git+https://****@h/x.git@main"),
        ("https://me:p@w@h/", "https://****@h/"),
        ("demo @ https://h/x.whl?sig=1&y=2#sha256=00", "demo @ https://h/x.whl?****#sha256=00"),
        ("--config-settings api_key=abc", "--config-settings api_key=****"),
        ("password: abc, next", "password: ****, next"),
        ("Authorization: Basic bWU6cHc1Mg==", "Authorization: Basic ****"),
        ("demo>=1,<2 ; python_version > '3'", "demo>=1,<2 ; python_version > '3'"),
        ("a mail to me@h", "a mail to me@h"),
    ],
)
def test_secrets_are_hidden_and_the_rest_is_as_it_was(text: str, safe: str) -> None:
    assert redacted(text) == safe


def test_values_that_are_known_as_secrets_are_hidden_anywhere() -> None:
    assert redacted("x-hunter2-x", ["hunter2"]) == "x-****-x"


def test_the_home_folder_is_not_named() -> None:
    assert redacted(f"{Path.home()}/x") == "~/x"
