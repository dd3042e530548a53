"""The end of a failed run: what, why and what next, in pip's words where it has them."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

from pipfast.errors import Diagnostic, OwnError, PipfastError, Remedy, UsageError
from pipfast.model.events import Level
from pipfast.model.failure_hints import FailureHint
from pipfast.net.errors import NetworkError
from pipfast.report.console import Console
from pipfast.report.hint_text import joined
from pipfast.report.render import line_of
from pipfast.requirements.errors import RequirementsFileError
from pipfast.resolve.errors import NoSolution

UNKNOWN_ERROR = 2
"""pip's exit code for an unexpected exception."""

WINDOWS_LIMIT = 260
"""The longest path on Windows without long-path support, in characters."""


def print_error(error: PipfastError, console: Console) -> int:
    """Print an error and return the exit code.

    Explanations come first, then the error, then the hint.
    """
    console.quieten()
    match error:
        case UsageError(usage=usage):
            sys.stderr.write(f"{usage}\n{error.message}\n" if usage else f"{error.message}\n")
        case RequirementsFileError(usage=usage) if usage:
            sys.stderr.write(f"{usage}\n")
            console.say(error.message, Level.CRITICAL)
        case Diagnostic():
            console.show(error.message, error.plain)
        case NetworkError() if error.is_explained:
            explained = _explained(error)
            console.show(explained.message, explained.plain)
            print_traceback(error, console)
            print_hint([one for one in error.remedies if isinstance(one, FailureHint)])
            return error.exit_code
        case NoSolution(details=details):
            for message in details:
                console(message)
            console.say(message_of(error), Level.CRITICAL)
        case _:
            console.say(message_of(error), Level.CRITICAL)
    print_traceback(error, console)
    print_hint(error.remedies)
    return error.exit_code


def print_traceback(error: BaseException, console: Console) -> None:
    """Print where an error that ends the run was raised, to those who read every message."""
    if console.reads(Level.DEBUG):
        console.say("\n".join(traceback_lines(error)), Level.DEBUG)


def traceback_lines(error: BaseException) -> list[str]:
    """Return where an error was raised, as pip tells it in its debug log."""
    text = "".join(traceback.format_exception(error)).rstrip()
    return ["Exception information:", *text.split("\n")]


def print_hint(remedies: Sequence[Remedy]) -> None:
    """Print remedies as hints on standard error; nothing if there are none.

    Those that were found after the failure are a line each.
    """
    others = []
    for one in remedies:
        if isinstance(one, FailureHint):
            sys.stderr.write(f"hint: {joined([one])}\n")
        else:
            others.append(one)
    if others:
        sys.stderr.write(f"hint: {joined(others)}\n")


def error_lines(error: PipfastError) -> list[str]:
    """Return the lines that `error` would print at the end of a separate run."""
    match error:
        case Diagnostic():
            return error.message.split("\n")
        case NetworkError() if error.is_explained:
            return _explained(error).message.split("\n")
        case NoSolution(details=details):
            shown = [each for each in details if each.level.value >= Level.INFO.value]
            before = [line_of(each).prefixed for each in shown]
            return "\n".join([*before, f"ERROR: {error.message}"]).split("\n")
        case _:
            return f"ERROR: {message_of(error)}".split("\n")


def message_of(error: PipfastError) -> str:
    """Return the text after ``ERROR: ``."""
    if not isinstance(error, OwnError):
        return error.message
    from pipfast.report.error_text import text_of  # needs the modules of all its errors

    return text_of(error)


def _explained(fault: NetworkError) -> Diagnostic:
    return Diagnostic(
        fault.kind, fault.headline, context=fault.why, note=fault.note, advice=fault.advice
    )


def print_os_error(
    error: OSError, console: Console, *, user_site_would_do: bool, doing: str = "install"
) -> int:
    """Print an error of the operating system, with pip's advice.

    `user_site_would_do` is whether ``--user`` may help. `doing` is the verb (pip has only one
    for installing).
    """
    text = f"Could not {doing} packages due to an OSError: {error}\n"
    if error.errno == errno.EACCES:
        option = "Consider using the `--user` option or " if user_site_would_do else ""
        check = "check the permissions" if option else "Check the permissions"
        text += f"{option}{check}.\n"
    long_name = os.name == "nt" and len(str(error.filename or "")) > WINDOWS_LIMIT
    if long_name and error.errno in (errno.EINVAL, errno.ENOENT):
        text += (
            "HINT: This error might have occurred since this system does not have Windows Long "
            "Path support enabled. You can find information on how to enable this at "
            "https://pip.pypa.io/warnings/enable-long-paths\n"
        )
    console.quieten()
    console.say(text, Level.ERROR)
    return 1


def print_exception(error: Exception, console: Console, *remedies: Remedy) -> int:
    """Print an unexpected exception and what to do; return pip's exit code for one."""
    console.quieten()
    text = "".join(traceback.format_exception(error)).rstrip()
    console.say(f"Exception:\n{text}", Level.CRITICAL)
    print_hint(remedies)
    return UNKNOWN_ERROR
