"""The arguments of ``why``, a subcommand that pip does not have."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.config.option_table import Command, Option
from pipfast.config.own_argv import runs
from pipfast.config.subcommands import COMMANDS

_WITHOUT = frozenset({
    "--dry-run", "--target", "--user", "--no-user", "--root", "--prefix", "--upgrade",
    "--upgrade-strategy", "--force-reinstall", "--ignore-installed", "--break-system-packages",
    "--compile", "--no-compile", "--no-warn-script-location", "--no-warn-conflicts",
    "--root-user-action", "--report", "--only-deps",
})  # fmt: skip
"""Options of ``install`` that concern an environment, not a resolution."""

_EXPLAINED = COMMANDS["install"]

COMMAND = Command(
    "why",
    ("", "%prog [options] <project>", "%prog [options] <project> -r <requirements file> ...",
     "%prog [options] <project> <requirement specifier> ...", "%prog --last [options] <project>"),
    (
        Option("--last", "last", default=False),
        Option("--json", "json", default=False),
        *(option for option in _EXPLAINED.options if option.name not in _WITHOUT),
    ),
    outside_virtualenv=True,
)  # fmt: skip


def command_line(words: Sequence[str], program: str) -> Sequence[str] | None:
    """Return `words` if they run ``why``, None for another command."""
    return words if runs(COMMAND.name, words, program) else None


def options(line: Sequence[str]) -> Command:  # noqa: ARG001 - it is the same for every line
    """Return the options of the subcommand."""
    return COMMAND
