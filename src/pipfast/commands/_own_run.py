"""Run a subcommand that pip does not have, with the errors that every subcommand may end with."""

from __future__ import annotations

from collections.abc import Callable

from pipfast.config.settings import Settings
from pipfast.errors import Interrupted, PipfastError
from pipfast.policy.mode_table import parity
from pipfast.report.console import Console
from pipfast.report.failure import print_error, print_os_error


def own_run(settings: Settings, run: Callable[[Console], int]) -> int:
    """Call `run` with the console of `settings`; return its exit code, or that of its error."""
    console = Console(
        verbosity=settings.verbosity,
        color=not settings.flag("no_color"),
        log=settings.text("log"),
        progress_bar=settings.text("progress_bar") or "auto",
        is_parity=parity(settings).value == "true",
    )
    try:
        code = run(console)
        console.finish()
        return code
    except BrokenPipeError:
        raise
    except PipfastError as error:
        return print_error(error, console)
    except OSError as error:
        return print_os_error(error, console, user_site_would_do=False, doing=settings.command)
    except KeyboardInterrupt:
        return print_error(Interrupted(), console)
