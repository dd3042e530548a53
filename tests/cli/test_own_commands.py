"""Subcommands of pipfast alone need no other change than their row in the table."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from pipfast.cli import dispatch, own_commands, registry
from pipfast.cli.own_commands import OWN_COMMANDS, OwnCommand
from pipfast.config.subcommands import COMMANDS


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """An own subcommand ``greet``, which notes what it is called with."""
    calls: list[object] = []
    module = ModuleType("greeting")

    def do(asked: object, words: list[str], environ: dict[str, str]) -> int:
        calls.append((asked is not None, words, environ))
        return 7

    def command_line(words: list[str], program: str) -> list[str] | None:
        return ["list", *words[1:]] if words[0] == "greet" and program == "pipfast" else None

    module.__dict__.update(do=do, command_line=command_line)
    monkeypatch.setitem(sys.modules, "greeting", module)
    monkeypatch.setitem(
        own_commands.OWN_COMMANDS,
        "greet",
        OwnCommand(module="greeting", parser="greeting"),
    )
    monkeypatch.setitem(registry.RUNNERS, "greet", "greeting")
    return calls


def test_a_row_of_the_table_is_a_subcommand(greeting: list[object]) -> None:
    assert dispatch.enter(["greet", "-v"], "pipfast", {}) == 7
    assert greeting == [(True, ["list", "-v"], {})]


def test_its_help_is_its_own(greeting: list[object]) -> None:
    assert dispatch.enter(["greet", "--help"], "pipfast", {}) == 7
    assert greeting == [(False, ["list", "--help"], {})]


def test_no_own_subcommand_has_the_name_of_one_of_pips() -> None:
    assert OWN_COMMANDS.keys().isdisjoint(COMMANDS)
    assert OWN_COMMANDS.keys() <= registry.RUNNERS.keys()
