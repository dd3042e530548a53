"""Which module does a subcommand; one of the three doors for late imports (style 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

TYPE_CHECKING = False  # by that name type checkers know it; the module costs 3 ms
if TYPE_CHECKING:
    from typing import Protocol

    from pipfast.config.settings import Settings
    from pipfast.errors import PipfastError
    from pipfast.report.console import Console

    class Doer(Protocol):
        """What does a command line; settings are None if pip reads them."""

        def __call__(
            self, asked: Settings | None, words: Sequence[str], environ: Mapping[str, str], /
        ) -> int:
            """Do it and return the exit code."""
            ...

    class Command(Protocol):
        """A subcommand of our own: from its settings to its exit code."""

        def __call__(self, settings: Settings, console: Console, /) -> int:
            """Do it. Raises PipfastError."""
            ...


COMMANDS = {
    "install": "pipfast.commands.install",
    "uninstall": "pipfast.commands.uninstall",
    "list": "pipfast.commands.list",
    "freeze": "pipfast.commands.freeze",
    "show": "pipfast.commands.show",
    "check": "pipfast.commands.check",
    "inspect": "pipfast.commands.inspect",
    "index": "pipfast.commands.index",
    "config": "pipfast.commands.config",
    "hash": "pipfast.commands.hash",
    "cache": "pipfast.commands.cache",
    "lock": "pipfast.commands.lock",
    "download": "pipfast.commands.download",
    "wheel": "pipfast.commands.wheel",
}
"""The module of each subcommand of our own; its `command` takes settings and console."""

DOERS = {
    **dict.fromkeys(COMMANDS, "pipfast.cli.run"),
    "version": "pipfast.cli.version_flag",
    "parity": "pipfast.commands.parity",
    "pip": "pipfast.cli.delegate",
}
"""The subcommands that pipfast does itself; every other one is real pip's."""

_HEAVY = frozenset({"install", "download", "wheel", "lock"})
"""The commands whose modules take as long to import as a Python does to say what it is."""

_NET = "pipfast.cli.fallback"
_FAILING = "pipfast.cli.exit_codes"


def again(asked: Settings, environ: Mapping[str, str]) -> Sequence[str] | None:
    """The lines of an install that is known to have nothing to do, None where it is not."""
    cached = import_module("pipfast.session.satisfied_cache")
    known: Sequence[str] | None = cached.satisfied_output(asked, environ)
    return known


def command(asked: Settings, environ: Mapping[str, str]) -> Command:
    """The subcommand of our own that was asked for; the modules of the others are not imported.

    The target Python may be asked what it is meanwhile.
    """
    name = COMMANDS[asked.command]
    if asked.command not in _HEAVY:
        light: Command = import_module(name).command
        return light
    asking = import_module("pipfast.session.interpreter_prefetch").prefetch_interpreter(
        asked, environ
    )
    found: Command = import_module(name).command
    if asking is not None:
        asking.join()
    return found


def load(name: str) -> Doer:
    """What does the subcommand `name`, or ``pip`` itself."""
    doer: Doer = import_module(DOERS[name]).do
    return doer


def failed(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    code: int = import_module(_FAILING).refuse(error)
    return code


def ended(
    fault: BaseException,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a command that failed by `fault`; its exit code."""
    code: int = import_module(_FAILING).end(fault, settings, console, line)
    return code


def caught(
    fault: Exception,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a run that pipfast itself cannot do, by `cli/fallback`; its exit code."""
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
