"""Run a subcommand of pipfast."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from pipfast.cli import registry
from pipfast.config.settings import Settings
from pipfast.model.events import Level
from pipfast.policy.mode_table import parity
from pipfast.report.console import Console

_CHANGING = ("install", "uninstall")


def do(settings: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the subcommand; use the fallback after an internal failure."""
    assert settings is not None, "real pip alone does without settings"
    # A run is short and keeps nearly all objects; the garbage collector would take a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    console = _console(settings)
    try:
        if settings.command in registry.HEAVY:
            console.begin()
            registry.note_resolution(settings, words)
        run = registry.command(settings, environ)
        if settings.command not in _CHANGING:
            code = run(settings, console)
        else:
            from pipfast.concurrency.interrupts import reporting

            with reporting():  # also while everything that the command has used is freed
                code = run(settings, console)
        console.finish()
        return code
    except (BrokenPipeError, SystemExit):
        raise
    except BaseException as fault:  # noqa: BLE001 - the last stop of the program
        return registry.ended(fault, settings, console, (words, environ))


def warn_of_unknown(settings: Settings) -> None:
    """Print a warning for each variable or key that is no setting, with the nearest name."""
    from pipfast.config.nearest_setting import nearest_setting
    from pipfast.report.settings_text import unknown_setting

    console = _console(settings)
    for one in settings.own.unknown:
        text = unknown_setting(one.name, one.path, nearest_setting(one))
        console.say(text, Level.WARNING)


def _console(settings: Settings) -> Console:
    return Console(
        verbosity=settings.verbosity,
        color=not settings.flag("no_color"),
        log=settings.text("log"),
        progress_bar=settings.text("progress_bar") or "auto",
        is_parity=parity(settings).value == "true",
    )
