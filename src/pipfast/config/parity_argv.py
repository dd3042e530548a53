"""The arguments of ``parity``, a subcommand that pip does not have: another command line."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from pipfast.config.argv import ArgumentExpander, parse
from pipfast.config.option_types import BadValue
from pipfast.config.pip_names import is_pip_name
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.errors import PipfastError

NAME = "parity"


def command_line(words: Sequence[str], program: str) -> list[str] | None:
    """Return the command line that ``parity`` compares, None for another command.

    The command defaults to ``install``. A program named pip does not have this subcommand.
    """
    before = _to_first_word(words)
    if before is None or words[before : before + 1] != [NAME] or _is_pip(program):
        return None
    general, after = words[:before], words[before + 1 :]
    first = _to_first_word(after)
    if first is not None and first < len(after) and after[first] in COMMANDS:
        return [*general, *after]
    first = first or 0
    return [*general, *after[:first], "install", *after[first:]]


def spelled(
    command: str, words: Sequence[str], without: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the options and the positional arguments of a valid command line.

    Abbreviated options are completed; those whose dest is in `without` are left out. `words`
    contain `command`.
    """
    rest = list(words)
    rest.remove(command)
    speller = ArgumentExpander(rest, COMMANDS[command], {})
    others = speller.read(interspersed=True).words
    return [word for dest, spelled in speller.spelled if dest not in without for word in spelled], [
        *others
    ]


def _to_first_word(words: Sequence[str]) -> int | None:
    """Return the number of words before the first positional argument; None for an invalid line."""
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return None
    return len(words) - len(rest)


def _is_pip(program: str) -> bool:
    return is_pip_name(os.path.basename(program))  # noqa: PTH119 - start-up
