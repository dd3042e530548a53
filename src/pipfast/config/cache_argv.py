"""The arguments of ``cache`` that pip does not have."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.config.option_table import Command, Option
from pipfast.config.own_argv import runs
from pipfast.config.subcommands import COMMANDS
from pipfast.model.frozen_dataclass import replace

_OF_PIP = COMMANDS["cache"]

_KNOWN = frozenset(flag for option in _OF_PIP.options for flag in option.flags)
_PULL = tuple(
    option
    for option in COMMANDS["wheel"].options
    if option.dest != "wheel_dir" and _KNOWN.isdisjoint(option.flags)
)
"""The options of ``pull``, which resolves what ``wheel`` would build."""

COMMAND: Command = replace(
    _OF_PIP,
    usage=(
        "",
        "%prog dir",
        "%prog info [--json]",
        "%prog list [<pattern>] [--format=[human, abspath]]",
        "%prog prune [--days <n>] [--ci] [--dry-run] [--json]",
        "%prog pull [-r <requirements file>] [<requirement specifier> ...] [--json]",
        "%prog push [--json]",
        "%prog remove <pattern>",
        "%prog purge",
        "",
    ),
    options=(
        Option("--days", "days", "store", "int", metavar="n"),
        Option("--ci", "ci", default=False),
        Option("--dry-run", "dry_run", default=False),
        Option("--json", "json", default=False),
        *_OF_PIP.options,
        *_PULL,
    ),
    actions=(*_OF_PIP.actions, "prune", "pull", "push"),
)

PULL = frozenset(option.dest for option in _PULL)
"""The destinations of the options of ``pull``."""


def command_line(words: Sequence[str], program: str) -> Sequence[str] | None:
    """Return `words` if they run ``cache`` of a program not named pip, None for others."""
    return words if runs(COMMAND.name, words, program) else None
