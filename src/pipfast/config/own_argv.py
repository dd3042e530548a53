"""Recognise the subcommands that pip does not have, and those with more options than pip's."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipfast.config.argv import parse
from pipfast.config.option_types import BadValue
from pipfast.config.program_name import is_pip_name
from pipfast.config.subcommands import MAIN
from pipfast.errors import PipfastError


def runs(name: str, words: Sequence[str], program: str) -> bool:
    """Return whether the command line `words` of `program` is one of the subcommand `name`.

    A program named pip has no subcommand but pip's.
    """
    if is_pip_name(os.path.basename(program)):  # noqa: PTH119 - start-up
        return False
    try:
        rest = parse(words, MAIN, {}, interspersed=False).words
    except (BadValue, PipfastError):
        return False
    return list(rest[:1]) == [name]
