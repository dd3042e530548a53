"""The arguments of ``shim``, a subcommand that pip does not have."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipfast.config.argv import parse
from pipfast.config.option_types import BadValue
from pipfast.config.pip_names import is_pip_name
from pipfast.config.subcommands import MAIN
from pipfast.errors import PipfastError

NAME = "shim"


def command_line(words: Sequence[str], program: str) -> list[str] | None:
    """Return a command line of pip with the words of ``shim`` as its arguments; else None.

    Only general options before ``shim`` apply to it. A program named pip does not have this
    subcommand.
    """
    if is_pip_name(os.path.basename(program)):  # noqa: PTH119 - start-up
        return None
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return None
    if list(rest[:1]) != [NAME]:
        return None
    general, own = words[: len(words) - len(rest)], rest[1:]
    if "--help" in own or "-h" in own:
        return [*general, "check", "--help"]
    return [*general, "uninstall", "--", *own]
