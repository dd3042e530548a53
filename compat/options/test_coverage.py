"""A scenario covers every command and option, and docs/coverage.md names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compat.options.coverage import DOCUMENT, ELSEWHERE, document, options, scenarios, shown, uses
from pipfast.cli.registry import COMMANDS as NATIVE
from pipfast.config.option_table import Option
from pipfast.config.subcommands import COMMANDS

ROOT = Path(__file__).parents[2]
KNOWN = uses()


@pytest.mark.parametrize("option", options(), ids=lambda option: option.name)
def test_every_option_is_shown(option: Option) -> None:
    elsewhere = [ELSEWHERE[flag] for flag in option.flags if flag in ELSEWHERE]
    assert shown(option, options()[option], KNOWN) or elsewhere
    assert all((ROOT / path).exists() for path in elsewhere)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_shown(name: str) -> None:
    assert any(name in step for each in scenarios() for step in each.steps)


def test_the_document_tells_of_every_option() -> None:
    assert document() == DOCUMENT.read_text(encoding="utf-8"), (
        "write it anew: python -m compat.options.coverage"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_document_says_who_does_a_command(name: str) -> None:
    rows = [
        line.split("|")
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and f"`{name}`" in line.split("|")[1]
    ]
    assert rows, f"docs/coverage.md does not tell of {name}"
    assert rows[0][2].strip().startswith("pipfast" if name in NATIVE else "pip,")
