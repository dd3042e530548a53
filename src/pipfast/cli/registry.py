"""The module that implements each subcommand; other modules import subcommands only through it."""

from __future__ import annotations

import sys
from _signal import SIGINT, signal  # type: ignore[import-not-found]  # signal itself takes 3 ms
from collections.abc import Mapping, Sequence
from importlib import import_module

from pipfast.cli.own_commands import OWN_COMMANDS

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any, Protocol

    from pipfast.config.settings import Settings
    from pipfast.errors import PipfastError
    from pipfast.report.console import Console

    class Runner(Protocol):
        """Runs a command line; the settings are None if pip reads them."""

        def __call__(
            self, settings: Settings | None, words: Sequence[str], environ: Mapping[str, str], /
        ) -> int:
            """Run it and return the exit code."""
            ...

    class Command(Protocol):
        """A subcommand of pipfast: from its settings to its exit code."""

        def __call__(self, settings: Settings, console: Console, /) -> int:
            """Run it. Raises PipfastError."""
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
"""The module of each subcommand; its function `command` takes settings and console."""

RUNNERS = {
    **dict.fromkeys(COMMANDS, "pipfast.cli.run"),
    "version": "pipfast.cli.version_flag",
    "help": "pipfast.cli.help",
    **{name: command.module for name, command in OWN_COMMANDS.items()},
    "pip": "pipfast.cli.delegate",
}
"""Subcommands that pipfast runs itself; real pip runs all others."""

HEAVY = frozenset({"install", "download", "wheel", "lock"})
"""Commands whose imports take as long as querying a Python interpreter."""

_FALLBACK = "pipfast.cli.fallback"
_EXIT_CODES = "pipfast.cli.exit_codes"


def satisfied_output(settings: Settings, environ: Mapping[str, str]) -> Sequence[str] | None:
    """Return the output of an install that is known to have nothing to do, None otherwise."""
    cached = import_module("pipfast.session.satisfied_cache")
    known: Sequence[str] | None = cached.satisfied_output(settings, environ)
    return known


def log_call(file: str | None, program: str, words: Sequence[str], python: str | None) -> None:
    """Append the call to the log that the user has named, if any."""
    if file:
        import_module("pipfast.cli.call_log").append(file, program, words, python)


def note_resolution(settings: Settings, words: Sequence[str]) -> None:
    """Store the command line of a run that resolves something, for ``why --last``."""
    import_module("pipfast.session.last_resolution").note(settings, words)


def show_target(settings: Settings) -> None:
    """Say on standard error which Python is used if nothing but PATH has named it."""
    line = import_module("pipfast.report.target_lines").first_on_path(settings.python)
    sys.stderr.write(f"{line}\n")


def command(settings: Settings, environ: Mapping[str, str]) -> Command:
    """Return the function of the requested subcommand without importing other subcommands.

    The target Python may be queried at the same time.
    """
    name = COMMANDS[settings.command]
    if settings.command not in HEAVY:
        light: Command = import_module(name).command
        return light
    asking = import_module("pipfast.session.interpreter_prefetch").prefetch_interpreter(
        settings, environ
    )
    found: Command = _imported_whole(name).command
    if asking is not None:
        asking.join()
    return found


def _imported_whole(name: str) -> Any:
    """Import a module; a Ctrl-C takes effect after it.

    An interrupt in the import system can leave its global lock locked. Then another thread that
    imports, like the one that queries the target Python, would wait for ever.
    """
    noted: list[int] = []
    try:
        before = signal(SIGINT, lambda number, _: noted.append(number))
    except ValueError:  # not in the main thread, which no signal interrupts
        return import_module(name)
    try:
        return import_module(name)
    finally:
        signal(SIGINT, before)
        if noted and callable(before):
            before(SIGINT, None)


def load(name: str) -> Runner:
    """Return what runs the subcommand `name`, or ``pip`` itself."""
    runner: Runner = import_module(RUNNERS[name]).do
    return runner


def warn_of_unknown(settings: Settings) -> None:
    """Print a warning for each setting that pipfast does not have."""
    import_module("pipfast.cli.run").warn_of_unknown(settings)


def failed(error: PipfastError) -> int:
    """Report an invalid command line; return its exit code."""
    code: int = import_module(_EXIT_CODES).refuse(error)
    return code


def ended(
    fault: BaseException,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a command that raised `fault`; return the exit code."""
    code: int = import_module(_EXIT_CODES).end(fault, settings, console, line)
    return code


def caught(
    fault: Exception,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a run that failed because of pipfast itself; return the exit code."""
    code: int = import_module(_FALLBACK).caught(fault, settings, console, line)
    return code


def is_ours(error: OSError, settings: Settings) -> bool:
    """Return whether the operating system denied something that pip does not need."""
    ours: bool = import_module(_FALLBACK).is_ours(error, settings)
    return ours


def unforeseen(
    fault: Exception, program: str, line: tuple[Sequence[str], Mapping[str, str]]
) -> int:
    """Handle a failure outside any command like `caught`."""
    code: int = import_module(_FALLBACK).unforeseen(fault, program, line)
    return code
