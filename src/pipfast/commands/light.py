"""A subcommand that asks no environment and changes none: it runs before much is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipfast.commands import registry
from pipfast.config.settings import Settings
from pipfast.model.events import Level
from pipfast.policy.storage import cache_policy
from pipfast.report.console import Console


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do the subcommand, after what pip says first; all ways to end are those of `native`."""
    assert asked is not None, "real pip alone does without settings"
    console = console_of(asked)
    try:
        for text in _opening(asked):
            console.say(text, Level.WARNING)
        return registry.command(asked.command)(asked, console)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 - the last stop of the program
        return registry.ended(fault, asked, console, (words, environ))


def console_of(asked: Settings) -> Console:
    """Standard output and error, as loud and as coloured as the settings say."""
    return Console(
        verbosity=asked.verbosity,
        color=not asked.flag("no_color"),
        log=asked.text("log"),
        progress_bar=asked.text("progress_bar") or "auto",
    )


def _opening(asked: Settings) -> Iterator[str]:
    if asked.texts("features_enabled"):
        yield from registry.notices(asked)
    warning = cache_policy(asked).warning
    if warning:
        yield warning
