"""Which module does a subcommand; one of the three doors for late imports (style 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipfast.config.settings import Settings
    from pipfast.errors import PipfastError
    from pipfast.report.console import Console

_NATIVE = "pipfast.commands.native"
_NET = "pipfast.commands.net"

COMMANDS = {
    "install": "pipfast.commands.install",
    "uninstall": "pipfast.commands.uninstall",
    "cache": "pipfast.commands.cache",
    "lock": "pipfast.commands.lock",
    "download": "pipfast.commands.download",
    "wheel": "pipfast.commands.wheel",
    "config": "pipfast.commands.config",
    "hash": "pipfast.commands.hash",
}
"""The module of each subcommand of our own; its `command` takes settings and console."""

_LIGHT = ("config", "hash")
"""Those of our own that need neither an environment nor a store, nor what `native` imports."""

DOERS = {
    **dict.fromkeys(COMMANDS, _NATIVE),
    **dict.fromkeys(_LIGHT, "pipfast.commands.light"),
    "version": "pipfast.commands.version",
    "parity": "pipfast.commands.parity",
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


class Command(Protocol):
    """A subcommand of our own: from its settings to its exit code."""

    def __call__(self, settings: Settings, console: Console, /) -> int:
        """Do it. Raises PipfastError."""
        ...


def command(name: str) -> Command:
    """The subcommand `name` of our own; the modules of the others are not imported."""
    found: Command = import_module(COMMANDS[name]).command
    return found


def load(name: str) -> Doer:
    """What does the subcommand `name`, or ``pip`` itself."""
    doer: Doer = import_module(DOERS[name]).do
    return doer


def again(settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The lines that answered the same question before, None where it has to be worked out."""
    answer: tuple[str, ...] | None = import_module("pipfast.commands.again").again(
        settings, environ
    )
    return answer


def failed(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    code: int = import_module(_NATIVE).refuse(error)
    return code


def ended(
    fault: Exception | KeyboardInterrupt,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a run of a subcommand that `fault` has ended; its exit code."""
    code: int = import_module(_NATIVE).ended(fault, settings, console, line)
    return code


def notices(settings: Settings) -> tuple[str, ...]:
    """What pip says first of the options; the rules of all options are behind it."""
    said: tuple[str, ...] = import_module("pipfast.policy.checks").notices(settings)
    return said


def caught(
    fault: Exception,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a run that pipfast itself cannot do, by `commands/net`; its exit code."""
    code: int = import_module(_NET).caught(fault, settings, console, line)
    return code


def is_ours(error: OSError, settings: Settings) -> bool:
    """Whether the system refused what only pipfast does, and pip does not need."""
    ours: bool = import_module(_NET).is_ours(error, settings)
    return ours


def unforeseen(
    fault: Exception, program: str, line: tuple[Sequence[str], Mapping[str, str]]
) -> int:
    """As `caught`, of a run that failed outside any command."""
    code: int = import_module(_NET).unforeseen(fault, program, line)
    return code
