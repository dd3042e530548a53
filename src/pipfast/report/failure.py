"""The end of a run that failed: what, why, what next, in pip's words where pip has them."""

from __future__ import annotations

import sys

from pipfast.errors import PipfastError, UsageError
from pipfast.model.events import Level, Said
from pipfast.report.console import Console


def tell(error: PipfastError, console: Console) -> int:
    """Say what went wrong and return the exit code.

    Lines that explain come first, then the error, then what to do next.
    """
    console.quieten()
    console.release()
    for said in error.said:
        console(said)
    if error.is_diagnostic:
        console(Said(Level.ERROR, error.message))
    else:
        console.say(error.message, Level.CRITICAL)
    if error.hint:
        console.say(f"hint: {error.hint}", Level.ERROR)
    return error.exit_code


def tell_usage(error: UsageError) -> int:
    """Show the usage, then what does not parse, on standard error, as pip does."""
    sys.stderr.write(f"{error.usage}\n{error.message}\n")
    return error.exit_code
