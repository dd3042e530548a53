"""Subcommands that pip does not have, beside pip's own in `registry.COMMANDS`.

To add one, write its module in `commands` and add a row here. A program named pip has none of them.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipfast.config.option_table import Command


class OwnCommand:
    """A subcommand of pipfast alone.

    `module` has the function ``do(settings, words, environ)``, which runs it and returns the exit
    code; the settings are None if its help is requested. `parser` is a module with the function
    ``command_line(words, program)``. That returns the command line whose settings the subcommand
    uses, or None if `words` are another command. It is one of pip's, unless the module has the
    function ``options(line)``, which returns the command with the options for it.
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
    "tree": OwnCommand(module="pipfast.commands.tree", parser="pipfast.config.tree_argv"),
    "undo": OwnCommand(module="pipfast.commands.undo", parser="pipfast.config.undo_argv"),
    "why": OwnCommand(module="pipfast.commands.why", parser="pipfast.config.why_argv"),
}


EXTENDED: Mapping[str, str] = {"cache": "pipfast.config.cache_argv"}
"""Subcommands of pip for which pipfast has more options, with a parser as in `OwnCommand`."""


def extended_options(words: Sequence[str], program: str) -> Command | None:
    """Return the options of the subcommand in `words` if they are more than pip's, else None."""
    for name, module in EXTENDED.items():
        if name in words:
            parser = import_module(module)
            if parser.command_line(words, program) is not None:
                options: Command = parser.COMMAND
                return options
    return None


def own_command(
    words: Sequence[str], program: str
) -> tuple[str, Sequence[str], Command | None] | None:
    """Return the name of the own subcommand in `words`, its command line and its options.

    The options are None if the command line is one of pip's. None if there is no own subcommand.
    """
    for name, command in OWN_COMMANDS.items():
        if name in words:
            parser = import_module(command.parser)
            line: Sequence[str] | None = parser.command_line(words, program)
            if line is not None:
                options = getattr(parser, "options", None)
                return name, line, options(line) if options is not None else None
    return None
