"""The end of a run that failed: what, why, what next, in pip's words where pip has them."""

from __future__ import annotations

import sys

from pipfast.errors import Diagnostic, PipfastError, UsageError
from pipfast.model.events import Level
from pipfast.report.console import Console
from pipfast.resolve.explain import NoSolution


def tell(error: PipfastError, console: Console) -> int:
    """Say what went wrong and return the exit code.

    Lines that explain come first, then the error, then what to do next.
    """
    console.quieten()
    console.release()
    match error:
        case UsageError(usage=usage):
            sys.stderr.write(f"{usage}\n{error.message}\n")
        case Diagnostic():
            console.show(error.message, error.plain)
        case NoSolution(said=said):
            for event in said:
                console(event)
            console.say(error.message, Level.CRITICAL)
        case _:
            console.say(error.message, Level.CRITICAL)
    if error.hint:
        console.say(f"HINT: {error.hint}", Level.ERROR)
    return error.exit_code
