"""The arguments of ``shim``, a subcommand that pip does not have."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.config.own_argv import borrowed_line

NAME = "shim"


def command_line(words: Sequence[str], program: str) -> list[str] | None:
    """Return a command line of pip with the words of ``shim`` as its arguments; else None."""
    return borrowed_line(NAME, "uninstall", words, program)
