"""The arguments of ``tree``, a subcommand that pip does not have."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.config.option_table import EXCLUDE, GENERAL, LOCAL, PATH, USER, Command, Option
from pipfast.config.own_argv import runs

COMMAND = Command(
    "tree",
    ("", "%prog [options] [<project> ...]"),
    (
        Option("--reverse", "reverse", default=False),
        Option("--depth", "depth", "store", "int", metavar="n"),
        Option("--json", "json", default=False),
        LOCAL,
        USER,
        PATH,
        EXCLUDE,
        *GENERAL,
    ),
    outside_virtualenv=True,
)


def command_line(words: Sequence[str], program: str) -> Sequence[str] | None:
    """Return `words` if they run ``tree``, None for another command."""
    return words if runs(COMMAND.name, words, program) else None


def options(line: Sequence[str]) -> Command:  # noqa: ARG001 - it is the same for every line
    """Return the options of the subcommand."""
    return COMMAND
