"""Run a subcommand that pip does not have, and end it like those of pip."""

from __future__ import annotations

import sys
from collections.abc import Callable

from pipfast.concurrency.interrupts import reporting
from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, PipfastError
from pipfast.policy.mode_table import parity
from pipfast.report.console import Console
from pipfast.report.failure import print_error, print_os_error


def own_run(
    settings: Settings | None,
    usage: str,
    run: Callable[[Settings, Console], int],
    doing: str | None = None,
) -> int:
    """Return the exit code of `run`, or of its error; print `usage` without settings.

    `doing` is the verb in an error of the operating system, by default the subcommand of pip whose
    options are used.
    """
    if settings is None:
        sys.stdout.write(f"{usage}\n")
        return 0
    is_json = "--json" in settings.words
    console = Console(
        verbosity=min(settings.verbosity, -1) if is_json else settings.verbosity,
        color=not settings.flag("no_color"),
        log=settings.text("log"),
        progress_bar=settings.text("progress_bar") or "auto",
        is_parity=parity(settings).value == "true",
    )
    try:
        with reporting():
            code = run(settings, console)
        console.finish()
    except BrokenPipeError:
        raise
    except PipfastError as error:
        return print_error(error, console)
    except OSError as error:
        verb = doing or settings.command
        return print_os_error(error, console, user_site_would_do=False, doing=verb)
    except KeyboardInterrupt:
        return print_error(Interrupted(), console)
    return code
