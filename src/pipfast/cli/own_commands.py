"""Subcommands that pip does not have, beside pip's own in `registry.COMMANDS`.

To add one, write its module in `commands` and add a row here. A program named pip has none of them.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class OwnCommand:
    """A subcommand of pipfast alone.

    `module` has the function ``do(settings, words, environ)``, which runs it and returns the exit
    code; the settings are None if its help is requested. `parser` is a module with the function
    ``command_line(words, program)``. That returns the pip command line whose settings the
    subcommand uses, or None if `words` are another command.
    """

    __slots__ = ("module", "parser")

    def __init__(self, *, module: str, parser: str) -> None:
        self.module = module
        self.parser = parser


OWN_COMMANDS: Mapping[str, OwnCommand] = {
    "doctor": OwnCommand(module="pipfast.commands.doctor", parser="pipfast.config.doctor_argv"),
    "history": OwnCommand(module="pipfast.commands.history", parser="pipfast.config.history_argv"),
    "parity": OwnCommand(module="pipfast.commands.parity", parser="pipfast.config.parity_argv"),
    "shim": OwnCommand(module="pipfast.commands.shim", parser="pipfast.config.shim_argv"),
    "undo": OwnCommand(module="pipfast.commands.undo", parser="pipfast.config.undo_argv"),
}


def own_command(words: Sequence[str], program: str) -> tuple[str, Sequence[str]] | None:
    """Return the name of the own subcommand in `words`, and its pip command line; else None."""
    for name, command in OWN_COMMANDS.items():
        if name in words:
            line: Sequence[str] | None = import_module(command.parser).command_line(words, program)
            if line is not None:
                return name, line
    return None
