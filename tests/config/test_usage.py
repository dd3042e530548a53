"""The usage text above an error."""

from __future__ import annotations

import pytest

from pipfast.config.option_table import Command
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.config.usage import usage_text

WIDE = {"COLUMNS": "80"}


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (MAIN, "\nUsage:   \n  pip <command> [options]\n"),
        (COMMANDS["hash"], "\nUsage:   pip hash [options] <file> ...\n"),
        (COMMANDS["index"], "\nUsage:   \n  pip index versions <package>\n  \n"),
        (COMMANDS["completion"], ""),
    ],
)
def test_usage_is_written_as_pip_writes_it(command: Command, text: str) -> None:
    assert usage_text(command, "pip", WIDE) == text


def test_a_line_is_folded_before_the_word_that_does_not_fit() -> None:
    assert usage_text(COMMANDS["list"], "pip", {"COLUMNS": "12"}).split("\n") == [
        "",
        "Usage:   ",
        "  pip list ",
        "[options]",
        "",
    ]


def test_a_word_longer_than_the_line_is_cut() -> None:
    folded = usage_text(COMMANDS["list"], "pip", {"COLUMNS": "5"}).split("\n")
    assert max(map(len, folded)) <= 5
    assert "".join("".join(folded).split()) == "Usage:piplist[options]"
