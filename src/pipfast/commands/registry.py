"""Which module does a subcommand; one of the three doors for late imports (style 11)."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from pipfast.config.settings import Settings
from pipfast.report.console import Console

NATIVE = {"install": "pipfast.commands.install"}
"""The subcommands that pipfast does itself; every other one is real pip's."""


class Command(Protocol):
    """A subcommand: settings in, exit code out."""

    def __call__(self, settings: Settings, console: Console) -> int:
        """Do what the settings say.

        Raises PipfastError; NotNative where real pip has to be asked.
        """
        ...


def load(name: str) -> Command:
    """The subcommand of that name."""
    command: Command = import_module(NATIVE[name]).command
    return command
