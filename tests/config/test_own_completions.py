"""A shell is offered what only pipfast has, unless it completes a command line of pip."""

from __future__ import annotations

import pytest

from pipfast.cli.completion import complete
from pipfast.cli.own_commands import OWN_COMMANDS
from pipfast.config.own_completions import own_offers
from pipfast.config.pipfast_settings import OWN


@pytest.mark.parametrize(
    ("line", "position", "offers"),
    [
        ("help par", 2, ["parity"]),
        ("help se", 2, ["search", "settings"]),
        ("config set ", 3, [f"pipfast.{key}" for key in OWN]),
        ("config --user get pipfast.l", 4, ["pipfast.local-versions", "pipfast.link-mode"]),
        ("config set pipfast.link-mode c", 4, ["clone", "copy"]),
        ("config set global.x ", 4, None),
        ("parity d", 2, None),
        ("install ", 2, None),
        ("", 1, None),
    ],
)
def test_own_words_are_offered(line: str, position: int, offers: list[str] | None) -> None:
    assert own_offers(f"pipfast {line}", position, OWN_COMMANDS) == offers


@pytest.mark.parametrize(
    ("program", "offers"),
    [("/bin/pipfast", ["parity"]), ("pip", [""]), ("/bin/pip3.12", [""]), ("pip.exe", [""])],
)
def test_a_program_named_pip_offers_what_pip_offers(
    program: str, offers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete([], program, {"COMP_WORDS": "x pari", "COMP_CWORD": "1"}) == 1
    assert capsys.readouterr().out.splitlines() == offers
