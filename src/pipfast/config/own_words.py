"""The arguments of subcommands that pip does not have and whose options are their own.

Such a subcommand uses the settings of one of pip's, and gets its own words as that one's positional
arguments.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipfast.config.argv import parse
from pipfast.config.option_types import BadValue
from pipfast.config.program_name import is_pip_name
from pipfast.config.subcommands import MAIN
from pipfast.errors import PipfastError


def borrowed_line(name: str, lender: str, words: Sequence[str], program: str) -> list[str] | None:
    """Return a command line of pip's `lender` with the words of `name` as arguments; else None.

    Only general options before `name` apply to it. A program named pip has no subcommands but
    pip's.
    """
    if is_pip_name(os.path.basename(program)):  # noqa: PTH119 - start-up
        return None
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return None
    if list(rest[:1]) != [name]:
        return None
    general, own = words[: len(words) - len(rest)], rest[1:]
    if "--help" in own or "-h" in own:
        return [*general, "check", "--help"]
    return [*general, lender, "--", *own]
