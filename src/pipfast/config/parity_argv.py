"""The arguments of ``parity``, a subcommand that pip does not have: another command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipfast.config.argv import ArgumentExpander
from pipfast.config.option_table import Command, Option
from pipfast.config.own_argv import first_word, position
from pipfast.config.subcommands import COMMANDS
from pipfast.model.frozen_dataclass import replace

NAME = "parity"

OPTIONS = (
    Option("--each", "each", default=False),
    Option("--json", "json", default=False),
)
"""The options of ``parity`` itself, which the commands that it compares do not have."""

_FLAGS = tuple(option.name for option in OPTIONS)


def command_line(words: Sequence[str], program: str) -> list[str] | None:
    """Return the command line that ``parity`` compares, None for another command.

    The command defaults to ``install``. A program named pip does not have this subcommand.
    """
    before = position(NAME, words, program)
    if before is None:
        return None
    own, after = _own_flags(words[before + 1 :])
    general = words[:before]
    first = first_word(after)
    if first is not None and first < len(after) and after[first] in COMMANDS:
        return [*general, *after[: first + 1], *own, *after[first + 1 :]]
    first = first or 0
    return [*general, *after[:first], "install", *own, *after[first:]]


def options(line: Sequence[str]) -> Command | None:
    """Return the command that `line` compares, with the options of ``parity``; None for help."""
    first = first_word(line)
    name = line[first] if first is not None and first < len(line) else ""
    if name not in COMMANDS:
        return None
    row = COMMANDS[name]
    usage = (text.replace("%prog", f"%prog {NAME}", 1) for text in row.usage)
    return replace(row, usage=tuple(usage), options=(*OPTIONS, *row.options))


def spelled(
    command: str, words: Sequence[str], without: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the options and the positional arguments of a valid command line.

    Abbreviated options are completed; those whose dest is in `without` are left out. `words`
    contain `command`.
    """
    rest = list(words)
    rest.remove(command)
    row = COMMANDS[command]
    speller = ArgumentExpander(rest, replace(row, options=(*OPTIONS, *row.options)), {})
    others = speller.read(interspersed=True).words
    return [word for dest, spelled in speller.spelled if dest not in without for word in spelled], [
        *others
    ]


def _own_flags(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options of ``parity`` among `words`, and the other words."""
    end = words.index("--") if "--" in words else len(words)
    own = [word for word in words[:end] if word in _FLAGS]
    return own, [*(word for word in words[:end] if word not in _FLAGS), *words[end:]]
