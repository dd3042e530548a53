"""The parts of ``--help`` and ``help`` that pip does not have."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent, wrap

from pipfast.report.settings_text import PAGE

_MODES = "https://github.com/pipfast/pipfast/blob/main/docs/parity.md"
_COLUMN = 28
"""Where pip's descriptions of commands begin."""

SUMMARIES = {
    "doctor": "Find and mend problems of the environment.",
    "history": "Show how the environment was changed.",
    "parity": "Compare what pip and pipfast would install.",
    "shim": "Make pipfast the pip of environments.",
    "tree": "Show what is installed with what it requires.",
    "undo": "Undo a change of the environment.",
    "why": "Explain why a project is installed, or its version.",
}
"""What each subcommand of pipfast alone does."""


def own_section(commands: Iterable[str], settings: Iterable[str]) -> str:
    """Return what follows pip's general help: own `commands`, modes, and where settings are."""
    rows = [f"  {name:<{_COLUMN - 2}}{SUMMARIES.get(name, '')}".rstrip() for name in commands]
    return "\n".join(
        [
            "",
            "Commands of pipfast:",
            *rows,
            "",
            "Modes of pipfast:",
            f"  {'guarded (default)':<{_COLUMN - 2}}Refuse what pip allows at the user's risk.",
            f"  {'parity':<{_COLUMN - 2}}Succeed where pip does (PIPFAST_PIP_COMPAT=1).",
            f"  {_MODES}",
            "",
            "Settings of pipfast:",
            indent("\n".join(wrap(", ".join(settings), 76, break_on_hyphens=False)), "  "),
            "  As variables (PIPFAST_LINK_MODE) or in the section [pipfast] of pip.conf.",
            "  'pipfast help settings' describes them, and so does",
            f"  {PAGE}",
        ]
    )


_EXTENDED = {
    "cache": (
        "\nOptions of pipfast:\n"
        "  info --json               Print what the cache holds, by kind, as JSON.\n"
        "  prune                     Remove what no environment and no recent run uses.\n"
        "  prune --days <n>          Keep what was used in the last <n> days (default: 30).\n"
        "  prune --ci                Keep only what cannot be downloaded again: built wheels.\n"
        "  prune --dry-run           Show what would be removed.\n"
        "  prune --json              Print what is removed and kept as JSON.\n"
        "  pull -r <file>            Take what other machines built from the remote store.\n"
        "  push                      Upload what was built here and not uploaded yet.\n"
        "  pull --json, push --json  Print the result as JSON.\n"
    ),
}
"""What pipfast adds to a command of pip."""


def command_section(command: str) -> str:
    """Return what follows pip's help for its `command`."""
    return (
        f"{_EXTENDED.get(command, '')}"
        "\nModes and settings of pipfast:\n"
        "  Guarded mode is the default; PIPFAST_PIP_COMPAT=1 enables parity mode.\n"
        "  'pipfast help' and 'pipfast help settings' have more."
    )
