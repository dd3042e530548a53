"""Which module does a subcommand; one of the three doors for late imports (style 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipfast.config.settings import Settings
    from pipfast.errors import PipfastError

DOERS = {
    "install": "pipfast.commands.native",
    "version": "pipfast.commands.version",
    "pip": "pipfast.commands.delegate",
}
"""The subcommands that pipfast does itself; every other one is real pip's."""


class Doer(Protocol):
    """What does a command line and returns its exit code; settings are None if pip reads them."""

    def __call__(
        self, asked: Settings | None, words: Sequence[str], environ: Mapping[str, str], /
    ) -> int:
        """Do it."""
        ...


def load(name: str) -> Doer:
    """What does the subcommand `name`, or ``pip`` itself."""
    doer: Doer = import_module(DOERS[name]).do
    return doer


def failed(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    code: int = import_module("pipfast.commands.native").refuse(error)
    return code
