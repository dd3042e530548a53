"""The parts of `pipfast cache` that pip does not have: the content by kind, and ``prune``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipfast.config.cache_argv import PULL
from pipfast.config.settings import COMMAND_LINE, Settings
from pipfast.errors import CommandError
from pipfast.remote_store.counts import Counts, total
from pipfast.remote_store.outbox import Outbox
from pipfast.report import cache_kinds
from pipfast.report.console import Console
from pipfast.report.remote_lines import remote_lines
from pipfast.store.cache_entries import cache_entries
from pipfast.store.filesystem.root import located
from pipfast.store.prune import RECENT_DAYS, prune, pruning


def check_own_options(action: str, settings: Settings) -> None:
    """Raise CommandError for an option of another action."""
    days = settings.values.get("days")
    given = days is not None or settings.flag("ci") or settings.flag("dry_run")
    if given and action != "prune":
        raise CommandError(cache_kinds.PRUNE_ALONE)
    if settings.flag("json") and action not in ("info", "prune", "pull", "push"):
        raise CommandError(cache_kinds.JSON_ALONE)
    if action != "pull" and any(settings.origin(dest).endswith(COMMAND_LINE) for dest in PULL):
        raise CommandError(cache_kinds.PULL_ALONE)
    if days is not None and settings.flag("ci"):
        raise CommandError(cache_kinds.EXCLUSIVE)
    if isinstance(days, int) and days < 0:
        raise CommandError(cache_kinds.NEGATIVE_DAYS)


def print_kinds(directory: Path, settings: Settings, console: Console) -> None:
    """Print the content by kind."""
    held = cache_entries(directory)
    store = located(str(directory))
    waiting = Outbox(store).count()
    counts = total(store) or (Counts() if waiting else None)  # a killed run counts nothing
    if settings.flag("json"):
        console.print_json(cache_kinds.info_json(str(directory), held, counts, waiting))
        return
    for line in (*cache_kinds.info_lines(held), *remote_lines(counts, waiting)):
        console.say(line)


def pull_or_push(
    action: str, requirements: Sequence[str], settings: Settings, console: Console
) -> int:
    """Take what other machines built, or upload what waits; return the exit code."""
    from pipfast.commands._cache_remote import pull, push  # they import what a whole run needs

    return push(settings, console) if action == "push" else pull(requirements, settings, console)


def print_pruned(directory: Path, settings: Settings, console: Console) -> None:
    """Remove what nothing uses, and print what that was. Raises OSError."""
    days = settings.values.get("days")
    plan = pruning(
        directory,
        days=days if isinstance(days, int) else RECENT_DAYS,
        only_builds=settings.flag("ci"),
    )
    dry_run = settings.flag("dry_run")
    removed = plan.removed if dry_run else prune(directory, plan.removed)
    kept = [*plan.kept, *(one for one in plan.removed if one not in removed)]
    if settings.flag("json"):
        console.print_json(cache_kinds.prune_json(removed, kept, dry_run=dry_run))
    else:
        console.say("\n".join(cache_kinds.prune_lines(removed, kept, dry_run=dry_run)))
