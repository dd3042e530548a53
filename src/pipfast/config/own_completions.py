"""Completions for pipfast's own topics of ``help``, and its settings in ``config``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipfast.config.pipfast_settings import OWN, SECTION
from pipfast.config.subcommands import COMMANDS

_WITH_KEY = ("get", "set", "unset")
_HELP_ON_SETTINGS = "settings"


def own_offers(line: str, position: int, commands: Collection[str]) -> list[str] | None:
    """Return the lines to print; None if pip's completions apply.

    `line` and `position` are as for `completion_candidates.offered`; `commands` are the subcommands
    that pip does not have.
    """
    words = line.split()[1:]
    current = words[position - 1] if 0 < position <= len(words) else ""
    before = words[: position - 1]
    while before and before[0].startswith("-"):
        before = before[1:]
    offers = _after(before, commands)
    if offers is None:
        return None
    found = [offer for offer in offers if offer.startswith(current)]
    return None if current.startswith("-") and not found else found


def _after(words: Sequence[str], commands: Collection[str]) -> Collection[str] | None:
    """Return what may follow the positional `words`, None if pip knows."""
    match words:
        case ["help"]:
            return [*COMMANDS, *commands, _HELP_ON_SETTINGS]
        case ["config", *_, action] if action in _WITH_KEY:
            return [f"{SECTION}.{key}" for key in OWN]
        case ["config", *_, "set", key] if key.removeprefix(f"{SECTION}.") in OWN:
            return OWN[key.removeprefix(f"{SECTION}.")]
        case _:
            return None
