"""The net: where pipfast itself cannot, real pip is asked, and that it was is told and recorded.

A bug and a feature that is not there end here. What pip would refuse just as well does not: a
failed hash, a certificate, a conflict, and every other PipfastError that is not an OwnFault.
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
from pipfast.config.argv import Arguments
from pipfast.config.directories import cache_directory, target_prefix
from pipfast.config.interpreter_beside import interpreter_beside
from pipfast.config.layers import read_sources
from pipfast.config.pipfast_settings import own_settings
from pipfast.config.settings import Settings
from pipfast.errors import NotNative, PipfastError, Remedy
from pipfast.fetch.downloads.hash_check import HashFault
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.remedies import EnableFallback, PipNotRun, PipNotStarted
from pipfast.net.errors import SSLVerificationError
from pipfast.policy.mode import Fallback, Mode, mode
from pipfast.policy.storage import cache_policy
from pipfast.report.console import Console
from pipfast.report.failure import tell, tell_bug
from pipfast.report.incident_report import Incident, document, redacted
from pipfast.resolve.conflict_report import NoSolution
from pipfast.store.filesystem.root import located
from pipfast.store.incidents import keep
from pipfast.transaction.journal import NotRestored

_OUR_PACKAGE = str(Path(__file__).parents[1])
_PROVED = (HashFault, NoSolution, SSLVerificationError, NotRestored)
"""What no bug on the way out may wash away: after one of these pip is never asked."""

_FULL = (errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC))
"""The disk itself takes nothing, of pip neither."""

CommandLine = tuple[Sequence[str], Mapping[str, str]]
"""The words and the variables of a run."""


def caught(fault: Exception, asked: Settings, console: Console, line: CommandLine) -> int:
    """End a run that failed by `fault`, which is pipfast's own; the exit code.

    That is pip's end where the mode has real pip asked, else an error that says what to set.
    """
    console.quieten()
    decided = mode(asked)
    if decided.fallback is Fallback.NEVER:
        return _report(fault, console, _enable_fallback(decided))
    proved = next((one for one in _chain(fault) if isinstance(one, _PROVED)), None)
    if proved is not None:
        return _report(fault, console, PipNotRun(_first_line(str(proved))))
    return _Asking(fault, asked, decided, console).ask(line)


def unforeseen(fault: Exception, program: str, line: CommandLine) -> int:
    """As `caught`, of a run that failed before it had understood its words, or outside of them."""
    return caught(fault, _settings(program, line[1]), Console(), line)


def is_ours(error: OSError, asked: Settings) -> bool:
    """Whether the system refused what only pipfast does: pip needs none of it.

    That is a file in our own store, if the disk has room, and more open files than are allowed.
    """
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return True
    folder = asked.text("cache_dir")
    if not folder or error.errno in _FULL:
        return False
    store = str(located(os.path.realpath(folder)).root)
    names = (error.filename, error.filename2)
    return any(isinstance(name, str) and os.path.realpath(name).startswith(store) for name in names)


@dataclass(frozen=True, slots=True)
class _Asking:
    fault: Exception
    asked: Settings
    decided: Mode
    console: Console

    def ask(self, line: CommandLine) -> int:
        """Have pip do it all; then say so in the last lines."""
        words, environ = line
        when = datetime.now(timezone.utc)
        why = _why(self.fault)
        self.console.say(f"Handing over to pip: {why}", Level.DEBUG)
        try:
            code = delegate.wait(self.asked, words, environ)
        except (OSError, PipfastError) as error:
            return _report(self.fault, self.console, PipNotStarted(str(error)))
        incident = Incident(
            when=when.isoformat(timespec="milliseconds"),
            program=self.asked.program,
            words=words,
            why=why,
            traceback="".join(_traced(self.fault)),
            mode=_answers(self.decided),
            code=code,
        )
        place = self._kept(incident, environ, f"{when:%Y%m%dT%H%M%S%f}Z")
        with suppress(OSError):  # nobody reads our words any more; the code still counts
            self.console.say(
                f"pip was asked in pipfast's place, and ended with {code}: {why}", Level.WARNING
            )
            self.console.say(f"The record of this, for a report: {place}", Level.WARNING)
        return _ended_as(code)

    def _kept(self, incident: Incident, environ: Mapping[str, str], when: str) -> str:
        """Where the record is, or why there is none."""
        try:
            text = document(incident, environ, _configured(self.asked))
            return str(keep(cache_policy(self.asked).directory, when, text))
        except Exception as error:  # noqa: BLE001 - a record is not worth losing pip's answer
            return f"none ({type(error).__name__}: {error})"


def _enable_fallback(decided: Mode) -> Remedy:
    return EnableFallback(decided.why["fallback"])


def _report(fault: Exception, console: Console, remedy: Remedy) -> int:
    """Report that pipfast cannot do this, and what to do; return the exit code."""
    match fault:
        case NotNative():
            said = PipfastError(f"pipfast does not do this itself yet: {fault.message}", remedy)
            return tell(said, console)
        case PipfastError():
            fault.remedies = fault.remedies or (remedy,)
            return tell(fault, console)
        case _:
            return tell_bug(fault, console, remedy)


def _why(fault: Exception) -> str:
    """The reason in one line, without secrets."""
    if isinstance(fault, NotNative):
        return f"pipfast does not do this itself yet ({fault.message})"
    text = _first_line(str(fault))
    said = f"{type(fault).__name__}: {text}" if text else type(fault).__name__
    place = _place(fault.__traceback__)
    return redacted(f"pipfast failed by a bug of its own ({said}{f', {place}' if place else ''})")


def _place(trace: TracebackType | None) -> str:
    """Where in pipfast it happened: the innermost of our own lines."""
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


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [fault]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def _answers(decided: Mode) -> dict[str, tuple[str, str]]:
    """Every question of the table with its answer and who gave it."""
    return {row: (value, decided.why[row]) for row, value in decided.answers().items()}


def _configured(asked: Settings) -> Iterator[str]:
    """All texts among the options' values."""
    for value in asked.values.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, str))


def _ended_as(code: int) -> int:
    """End as pip has ended: by the same signal, or with its code."""
    if code < 0 and os.name == "posix":
        number = -code
        with suppress(OSError, ValueError):  # SIGKILL takes no handler
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return code


def _settings(program: str, environ: Mapping[str, str]) -> Settings:
    """The settings as far as they decide the mode; the variables alone where files are the bug."""
    python = interpreter_beside(program, environ)
    try:
        prefix, _ = target_prefix(environ, python)
        own = own_settings(read_sources(environ, isolated=False, prefix=prefix), environ)
    except Exception:  # noqa: BLE001 - reading them may be what has failed
        own = own_settings({}, environ)
    folder = environ.get("PIP_CACHE_DIR") or cache_directory(environ)
    nothing = Arguments({"cache_dir": folder}, (), frozenset())
    called = os.path.basename(program)  # noqa: PTH119
    return Settings("", nothing, {}, own=own, program=called, python=python)
