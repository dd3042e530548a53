"""A subcommand of our own, from its settings to its exit code: every way it can end."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from pipfast.commands import registry
from pipfast.commands.headstart import headstart
from pipfast.commands.light import console_of
from pipfast.config.places import target_prefix
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, OwnFault, PipfastError
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_disk

_DOING = {"wheel": "build wheels of"}


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do the subcommand; where pipfast itself cannot, that is for the net."""
    assert asked is not None, "real pip alone does without settings"
    # A run is short and keeps nearly all it makes: looking for garbage costs a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    console = console_of(asked)
    asking = headstart(asked, environ)
    try:
        command = registry.command(asked.command)
        if asking is not None:
            asking.join()
        return command(asked, console)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 - the last stop of the program
        return ended(fault, asked, console, (words, environ))


def ended(
    fault: Exception | KeyboardInterrupt,
    asked: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """End a run that `fault` has ended: what nobody foresaw is for the net. The exit code."""
    match fault:
        case NotNative() | OwnFault():
            return registry.caught(fault, asked, console, line)
        case PipfastError():
            return tell(fault, console)
        case KeyboardInterrupt():
            return tell(Interrupted(), console)
        case OSError() if not registry.is_ours(fault, asked):
            installs = asked.command == "install" and not asked.flag("use_user_site")
            outside = installs and not target_prefix(line[1], asked.python)[1]
            doing = _DOING.get(asked.command, asked.command)
            return tell_disk(fault, console, user_site_would_do=outside, doing=doing)
        case _:
            return registry.caught(fault, asked, console, line)


def refuse(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    return tell(error, Console())
