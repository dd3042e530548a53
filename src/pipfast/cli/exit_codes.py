"""Every way in which a command can end but by its own exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipfast.cli import registry
from pipfast.config.directories import target_prefix
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, OwnFault, PipfastError
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_disk

_DOING = {"wheel": "build wheels of"}


def end(
    fault: BaseException,
    asked: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """Say how the command failed by `fault`, or have the net catch it; the exit code."""
    match fault:
        case NotNative() | OwnFault():
            return registry.caught(fault, asked, console, line)
        case PipfastError():
            return tell(fault, console)
        case KeyboardInterrupt():
            return tell(Interrupted(), console)
        case OSError():
            if registry.is_ours(fault, asked):
                return registry.caught(fault, asked, console, line)
            installs = asked.command == "install" and not asked.flag("use_user_site")
            outside = installs and not target_prefix(line[1], asked.python)[1]
            doing = _DOING.get(asked.command, asked.command)
            return tell_disk(fault, console, user_site_would_do=outside, doing=doing)
        case Exception():
            return registry.caught(fault, asked, console, line)
        case _:
            raise fault


def refuse(error: PipfastError) -> int:
    """Say what is wrong with a command line that could not be read; its exit code."""
    return tell(error, Console())
