"""The words of ``parity``, the one subcommand that pip has not: another command line in full."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from pipfast.config.argv import Speller, parse
from pipfast.config.option_types import BadValue
from pipfast.config.pipfast_settings import is_pip_name
from pipfast.config.subcommands import COMMANDS, MAIN
from pipfast.errors import PipfastError

NAME = "parity"


def compared(words: Sequence[str], program: str) -> list[str] | None:
    """The command line that ``parity`` is asked about, None where `words` are of another command.

    A command line without pip's name of a command is one of ``install``. By the name of pip there
    is no such command.
    """
    before = _to_first_word(words)
    if before is None or words[before : before + 1] != [NAME] or _is_pip(program):
        return None
    general, asked = words[:before], words[before + 1 :]
    first = _to_first_word(asked)
    if first is not None and first < len(asked) and asked[first] in COMMANDS:
        return [*general, *asked]
    first = first or 0
    return [*general, *asked[:first], "install", *asked[first:]]


def spelled(
    command: str, words: Sequence[str], without: Collection[str]
) -> tuple[list[str], list[str]]:
    """The options and the other words of a command line that was understood before.

    Abbreviated options are spelled in full, and those whose dest is in `without` are left out;
    `words` hold `command` among them.
    """
    rest = list(words)
    rest.remove(command)
    speller = Speller(rest, COMMANDS[command], {})
    others = speller.read(interspersed=True).words
    return [word for dest, said in speller.said if dest not in without for word in said], [*others]


def _to_first_word(words: Sequence[str]) -> int | None:
    """How many words stand before the first that is no option of pip itself; None if unreadable."""
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return None
    return len(words) - len(rest)


def _is_pip(program: str) -> bool:
    return is_pip_name(os.path.basename(program))  # noqa: PTH119 - start-up
