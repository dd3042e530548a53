"""Recognise the subcommands that pip does not have, and those with more options than pip's."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipfast.config.argv import parse
from pipfast.config.option_types import BadValue
from pipfast.config.program_name import is_pip_name
from pipfast.config.subcommands import MAIN
from pipfast.errors import PipfastError


def first_word(words: Sequence[str]) -> int | None:
    """Return the number of words before the first positional argument; None for an invalid line."""
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return None
    return len(words) - len(rest)


def position(name: str, words: Sequence[str], program: str) -> int | None:
    """Return the position of the subcommand `name` in a command line, None if it runs another.

    A program named pip has no subcommand but pip's.
    """
    if is_pip_name(os.path.basename(program)):  # noqa: PTH119 - start-up
        return None
    first = first_word(words)
    return first if first is not None and list(words[first : first + 1]) == [name] else None


def runs(name: str, words: Sequence[str], program: str) -> bool:
    """Return whether the command line `words` of `program` is one of the subcommand `name`."""
    return position(name, words, program) is not None


def borrowed_line(name: str, lender: str, words: Sequence[str], program: str) -> list[str] | None:
    """Return a command line of pip's `lender` with the words of `name` as arguments; else None.

    So a subcommand whose options are all its own uses the settings of one of pip's. Only general
    options before `name` apply to it.
    """
    at = position(name, words, program)
    if at is None:
        return None
    general, own = words[:at], words[at + 1 :]
    if "--help" in own or "-h" in own:
        return [*general, "check", "--help"]
    return [*general, lender, "--", *own]
