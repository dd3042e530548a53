"""Print the notices that every subcommand begins with."""

from __future__ import annotations

from pipfast.config.settings import Settings
from pipfast.model.events import Level
from pipfast.policy.option_conflicts import notices
from pipfast.policy.storage import cache_policy
from pipfast.report.console import Console


def print_notices(settings: Settings, console: Console) -> str | None:
    """Print pip's notices about options; return the cache directory, None if there is no cache."""
    for text in notices(settings):
        console.say(text, Level.WARNING)
    cache = cache_policy(settings)
    if cache.warning:
        console.say(cache.warning, Level.WARNING)
    return cache.directory
