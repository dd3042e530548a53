"""Run real pip after an internal failure, and record the incident.

Bugs and missing features are handled here. Failures that pip would have too are not: a wrong
hash, a certificate, a conflict, and every other PipfastError except OwnFault.
"""

from __future__ import annotations

import errno
import os
import signal
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from pipfast.cli import delegate
from pipfast.config.directories import cache_directory, target_prefix
from pipfast.config.interpreter_beside import interpreter_beside
from pipfast.config.layers import read_sources
from pipfast.config.pipfast_settings import own_settings
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, NotNative, PipfastError, Remedy
from pipfast.fetch.downloads.hash_check import HashError
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.remedies import EnableFallback, PipNotRun, PipNotStarted
from pipfast.net.errors import SSLVerificationError
from pipfast.policy.mode import Fallback, Mode, mode
from pipfast.policy.storage import cache_policy
from pipfast.report import command_errors
from pipfast.report.console import Console
from pipfast.report.failure import (
    message_of,
    print_error,
    print_exception,
    print_hint,
    print_os_error,
)
from pipfast.report.incident_report import Incident, document
from pipfast.report.redaction import redacted
from pipfast.resolve.errors import NoSolution
from pipfast.store.filesystem.root import located
from pipfast.store.incidents import keep
from pipfast.transaction.errors import RollbackFailed

_OUR_PACKAGE = str(Path(__file__).parents[1])
_PROVED = (HashError, NoSolution, SSLVerificationError, RollbackFailed)
"""After one of these, real pip is never run, even if a bug occurs while they are handled."""

_FULL = (errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC))
"""Errors of the disk itself, which affect pip as well."""

CommandLine = tuple[Sequence[str], Mapping[str, str]]
"""The arguments and environment variables of a run."""


def caught(fault: Exception, settings: Settings, console: Console, line: CommandLine) -> int:
    """End a run that failed because of pipfast itself; return the exit code.

    Runs real pip if the mode allows it, otherwise reports the error with the setting to use.
    """
    console.quieten()
    if any(isinstance(one, KeyboardInterrupt) for one in _chain(fault)):  # in a class's import
        return print_error(Interrupted(), console)
    decided = mode(settings)
    if decided.fallback is Fallback.NEVER:
        return _report(fault, console, _enable_fallback(decided), settings.command)
    proved = next((one for one in _chain(fault) if isinstance(one, _PROVED)), None)
    if proved is not None:
        remedy = PipNotRun(_first_line(_message(proved)))
        return _report(fault, console, remedy, settings.command)
    return _Question(fault, settings, decided, console).ask(line)


def unforeseen(fault: Exception, program: str, line: CommandLine) -> int:
    """Handle a failure like `caught`, outside a command or before its arguments were parsed."""
    return caught(fault, _settings(program, line[1]), Console(), line)


def is_ours(error: OSError, settings: Settings) -> bool:
    """Return whether the operating system denied something that only pipfast needs.

    That is a file in pipfast's store, unless the disk is full, or more open files than are
    allowed.
    """
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return True
    folder = settings.text("cache_dir")
    if not folder or error.errno in _FULL:
        return False
    store = str(located(os.path.realpath(folder)).root)
    names = (error.filename, error.filename2)
    with suppress(OSError):  # the working directory was deleted
        return any(
            isinstance(name, str) and os.path.realpath(name).startswith(store) for name in names
        )
    return False


@dataclass(frozen=True, slots=True)
class _Question:
    fault: Exception
    settings: Settings
    decided: Mode
    console: Console

    def ask(self, line: CommandLine) -> int:
        """Run the whole command with pip and say so in the last lines."""
        words, environ = line
        when = datetime.now(timezone.utc)
        why = _why(self.fault)
        self.console.say(command_errors.running_pip(why), Level.DEBUG)
        try:
            code = delegate.wait(self.settings, words, environ)
        except (OSError, PipfastError) as error:
            return _report(
                self.fault, self.console, PipNotStarted(str(error)), self.settings.command
            )
        incident = Incident(
            when=when.isoformat(timespec="milliseconds"),
            program=self.settings.program,
            words=words,
            why=why,
            traceback="".join(_traced(self.fault)),
            mode=_answers(self.decided),
            code=code,
        )
        place = self._kept(incident, environ, f"{when:%Y%m%dT%H%M%S%f}Z")
        with suppress(OSError):  # the output may be closed; the exit code still counts
            self.console.say(command_errors.ran_pip(code, why), Level.WARNING)
            self.console.say(command_errors.incident_report(place), Level.WARNING)
        return _ended_as(code)

    def _kept(self, incident: Incident, environ: Mapping[str, str], when: str) -> str:
        """Return the path of the incident report, or why there is none."""
        try:
            text = document(incident, environ, _configured(self.settings))
            return str(keep(cache_policy(self.settings).directory, when, text))
        except Exception as error:  # noqa: BLE001 - a record is not worth losing pip's answer
            return f"none ({type(error).__name__}: {error})"


def _enable_fallback(decided: Mode) -> Remedy:
    return EnableFallback(decided.why["fallback"])


def _report(fault: Exception, console: Console, remedy: Remedy, command: str) -> int:
    """Report that pipfast cannot do this, and what to do; return the exit code."""
    match fault:
        case NotNative():
            reported = PipfastError(command_errors.not_implemented(fault.message), remedy)
            return print_error(reported, console)
        case PipfastError():
            fault.remedies = fault.remedies or (remedy,)
            return print_error(fault, console)
        case OSError() if fault.errno is not None:
            doing = command or "install"
            code = print_os_error(fault, console, user_site_would_do=False, doing=doing)
            print_hint((remedy,))
            return code
        case _:
            return print_exception(fault, console, remedy)


def _why(fault: Exception) -> str:
    """Return the reason in one line, without secrets."""
    if isinstance(fault, NotNative):
        return command_errors.why_not_implemented(fault.message)
    text = _first_line(str(fault))
    reported = f"{type(fault).__name__}: {text}" if text else type(fault).__name__
    place = _place(fault.__traceback__)
    return redacted(command_errors.why_bug(reported, place))


def _place(trace: TracebackType | None) -> str:
    """Return the innermost frame of pipfast's own code."""
    ours = ""
    for frame, line in traceback.walk_tb(trace):
        name = frame.f_code.co_filename
        if name.startswith(_OUR_PACKAGE):
            ours = f"pipfast{name[len(_OUR_PACKAGE) :].replace(os.sep, '/')} line {line}"
    return ours


def _traced(fault: Exception) -> list[str]:
    if isinstance(fault, NotNative):
        return []
    return traceback.format_exception(fault)


def _message(error: BaseException) -> str:
    return message_of(error) if isinstance(error, PipfastError) else str(error)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [fault]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def _answers(decided: Mode) -> dict[str, tuple[str, str]]:
    """Return every rule of the mode with its value and origin."""
    return {row: (value, decided.why[row]) for row, value in decided.answers().items()}


def _configured(settings: Settings) -> Iterator[str]:
    """Return all strings among the options' values."""
    for value in settings.values.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, str))


def _ended_as(code: int) -> int:
    """Exit as pip did: with the same signal or code."""
    if code < 0 and os.name == "posix":
        number = -code
        with suppress(OSError, ValueError):  # SIGKILL has no handler
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return code


def _settings(program: str, environ: Mapping[str, str]) -> Settings:
    """Return the settings that determine the mode; only variables if reading files failed."""
    python = interpreter_beside(program, environ)
    try:
        prefix, _ = target_prefix(environ, python)
        own = own_settings(read_sources(environ, isolated=False, prefix=prefix), environ)
    except Exception:  # noqa: BLE001 - reading them may be what has failed
        own = own_settings({}, environ)
    folder = environ.get("PIP_CACHE_DIR") or cache_directory(environ)
    return Settings(
        command="",
        words=(),
        values={"cache_dir": folder},
        origins={},
        own=own,
        program=os.path.basename(program),  # noqa: PTH119
        python=python,
    )
