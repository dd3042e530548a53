"""From arguments to a subcommand. These modules are imported first, so they import little."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from pipfast.cli import registry
from pipfast.config.settings import Settings, settings
from pipfast.errors import NotNative, PipfastError


def enter(words: Sequence[str], program: str, environ: Mapping[str, str]) -> int:
    """Run the command line `words` and return its exit code.

    Handles `--version` and cached no-op installs directly; everything else goes through
    `registry.load`.
    """
    question = _compared(words, program) if "parity" in words else None
    try:
        asked = settings(question or words, environ, program)
    except NotNative:
        if question is not None:
            return registry.load("parity")(None, question, environ)
        return registry.load("pip")(None, words, environ)
    except PipfastError as error:
        return registry.failed(error)
    if question is not None:
        return registry.load("parity")(asked, question, environ)
    if asked.command == "install":
        answer = registry.again(asked, environ)
        if answer is not None:
            sys.stdout.writelines(f"{line}\n" for line in answer)
            return 0
    return registry.load(_module(asked))(asked, words, environ)


def _compared(words: Sequence[str], program: str) -> list[str] | None:
    """Return the command line that ``parity`` compares, None for another command."""
    from pipfast.config.parity_argv import compared

    return compared(words, program)


def _module(asked: Settings) -> str:
    """Return the registry's name for the command; real pip if pipfast does not implement it."""
    return asked.command if asked.command in registry.DOERS else "pip"
