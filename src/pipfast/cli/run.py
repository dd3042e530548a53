"""Run a subcommand of pipfast."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from pipfast.cli import registry
from pipfast.config.settings import Settings
from pipfast.report.console import Console


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the subcommand; use the fallback after an internal failure."""
    assert asked is not None, "real pip alone does without settings"
    # A run is short and keeps nearly all objects; the garbage collector would take a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    console = _console(asked)
    try:
        return registry.command(asked, environ)(asked, console)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 - the last stop of the program
        return registry.ended(fault, asked, console, (words, environ))


def _console(asked: Settings) -> Console:
    return Console(
        verbosity=asked.verbosity,
        color=not asked.flag("no_color"),
        log=asked.text("log"),
        progress_bar=asked.text("progress_bar") or "auto",
    )
