"""The exit code of a command that raised an exception."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import disk_usage

from pipfast.cli import registry
from pipfast.concurrency.interrupts import Terminated, end_by_signal
from pipfast.config.directories import target_prefix
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, OwnFault, PipfastError, Remedy
from pipfast.model.failure_hints import DiskFull
from pipfast.policy.mode import mode
from pipfast.report.console import Console, shows_hints
from pipfast.report.failure import print_error, print_hint, print_os_error

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_DOING = {"wheel": "build wheels of"}


def end(
    fault: BaseException,
    settings: Settings,
    console: Console,
    line: tuple[Sequence[str], Mapping[str, str]],
) -> int:
    """Report that the command failed, or use the fallback; return the exit code."""
    match fault:
        case NotNative() | OwnFault():
            return registry.caught(fault, settings, console, line)
        case PipfastError():
            return print_error(fault, console)
        case KeyboardInterrupt():
            return print_error(Interrupted(), console)
        case OSError():
            if registry.is_ours(fault, settings):
                return registry.caught(fault, settings, console, line)
            installs = settings.command == "install" and not settings.flag("use_user_site")
            outside = installs and not target_prefix(line[1], settings.python)[1]
            doing = _DOING.get(settings.command, settings.command)
            code = print_os_error(fault, console, user_site_would_do=outside, doing=doing)
            if fault.errno in _FULL and shows_hints(pip_compat=mode(settings).pip_compat):
                print_hint([_disk_full(fault)])
            return code
        case Exception():
            return registry.caught(fault, settings, console, line)
        case Terminated():  # it came when the command had left the block that handles it
            end_by_signal(fault.number)
            raise fault
        case _:
            raise fault


def _disk_full(fault: OSError) -> Remedy:
    """Return how much space is left where `fault` occurred; the needed space is not known."""
    place = Path(str(fault.filename or Path.cwd()))
    folder = next(each for each in (place, *place.absolute().parents) if each.is_dir())
    return DiskFull(path=str(folder), free=disk_usage(folder).free, needed=0)


def refuse(error: PipfastError) -> int:
    """Report an invalid command line; return its exit code."""
    return print_error(error, Console())
