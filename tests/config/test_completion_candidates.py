"""What is offered at a cursor; all else is held against pip in compat/options."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pipfast.cli.own_commands import OWN_COMMANDS
from pipfast.config.completion_candidates import OWN_NAMES, offered
from pipfast.config.option_table import HIDDEN
from pipfast.config.subcommands import COMMANDS


def nowhere(current: str, kind: str) -> Iterable[str]:
    return [f"{kind}:{current}"]


def offers(line: str, position: int, *names: str) -> list[str]:
    """The offers where files are shown_text by their kind, and `names` are installed."""
    return offered(f"pip {line}", position, nowhere, lambda: names)


@pytest.mark.parametrize(
    ("line", "position", "expected"),
    [
        ("un", 1, ["uninstall"]),
        ("nothing", 1, [""]),
        ("--pyth", 1, ["--python"]),
        ("--cache-dir r", 2, [""]),
        ("--log file:r", 2, [""]),
        ("help -", 2, []),
        ("install r", 2, ["path:r"]),
        ("install --no-dep", 2, ["--no-deps", "--no-dependencies"]),
        ("install -r r", 3, ["path:r"]),
        ("wheel -r r", 3, ["file:r"]),
        ("wheel -e r", 3, ["path/url:r"]),
        ("wheel --requirement=x r", 3, ["file:r"]),
        ("wheel r", 2, []),
        ("list --format", 2, ["--format="]),
        ("list --format=json --format", 3, []),
        ("list --no-cache-d", 2, ["--no-cache-dir="]),
        ("config se", 2, ["set"]),
        ("config set se", 3, []),
        ("index v", 2, ["versions"]),
        ("list", 9, []),
    ],
)
def test_offers_are_pips(line: str, position: int, expected: list[str]) -> None:
    assert offers(line, position) == expected


def test_a_cursor_before_all_words_completes_an_empty_one() -> None:
    assert offers("list -", -9) == offers("list ", 2) != []


@pytest.mark.parametrize("name", ["show", "uninstall"])
def test_names_of_what_is_installed_are_offered_once(name: str) -> None:
    assert offers(f"{name} demo D", 3, "demo", "dep", "other") == ["dep"]


def test_options_are_offered_where_nothing_is_installed_that_begins_so() -> None:
    assert "--yes" in offers("uninstall ", 2)
    assert offers("uninstall x", 2, "demo") == []


def test_hidden_options_are_not_offered() -> None:
    shown = {word.rstrip("=") for name in COMMANDS for word in offers(f"{name} -", 2)}
    assert shown.isdisjoint(HIDDEN)
    assert "--no-input" in shown


def test_long_spellings_come_before_short_ones() -> None:
    assert offers("hash -", 2)[:2] == ["--algorithm=", "-a"]


def own(line: str, position: int) -> list[str]:
    def files(current: str, kind: str) -> list[str]:
        return [f"{current}{kind}"]

    installed = ["demo", "dep"]
    return offered(line, position, files, lambda: installed, has_own=not line.startswith("pip "))


@pytest.mark.parametrize(
    ("line", "position", "expected"),
    [
        ("pipfast pa", 1, ["parity"]),
        ("/opt/pipfast sh", 1, ["show shim"]),
        ("pip sh", 1, ["show"]),
        ("pipfast shim", 1, ["shim"]),
        ("pipfast shim --re", 2, ["--remove"]),
        ("pipfast shim --remove --st", 3, ["--status"]),
        ("pipfast shim .v", 2, [".vpath"]),
        ("pipfast undo --", 2, ["--keep", "--dry-run", "--json"]),
        ("pipfast undo --json --", 3, ["--keep", "--dry-run"]),
        ("pipfast undo --keep de", 3, ["demo", "dep"]),
        ("pipfast history -", 2, ["--json"]),
        ("pipfast doc", 1, ["doctor"]),
        ("pipfast doctor --", 2, ["--fix", "--skip", "--only", "--json"]),
        ("pipfast parity do", 2, ["download", "dopath"]),
        ("pipfast parity --no-dep", 2, ["--no-deps", "--no-dependencies"]),
        ("pipfast parity --ea", 2, ["--each"]),
        ("pipfast parity wheel --no-ver", 3, ["--no-verify"]),
        ("pipfast install sh", 2, ["shpath"]),
        ("pipfast tr", 1, ["tree"]),
        ("pipfast tree --rev", 2, ["--reverse"]),
        ("pipfast tree --log x", 3, ["xpath"]),
        ("pipfast tree de", 2, ["demo", "dep"]),
        ("pipfast tree dep de", 3, ["demo"]),
        ("pipfast why dem", 2, ["demo"]),
        ("pipfast why demo re", 3, ["repath"]),
        ("pipfast why demo -r re", 4, ["refile"]),
        ("pipfast cache pr", 2, ["prune"]),
        ("pipfast cache prune --day", 3, ["--days="]),
        ("pip cache pr", 2, []),
        ("pipfast why --las", 2, ["--last"]),
        ("pip why dem", 2, [""]),
    ],
)
def test_own_subcommands_are_offered_to_a_program_not_named_pip(
    line: str, position: int, expected: list[str]
) -> None:
    assert own(line, position) == expected


def test_the_own_subcommands_are_those_that_exist() -> None:
    assert set(OWN_NAMES) == set(OWN_COMMANDS)
