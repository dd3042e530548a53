"""`pip cache`: list, measure and remove cached files, pip's own and those of pipfast's store."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipfast.commands._cache_kinds import (
    check_own_options,
    print_kinds,
    print_pruned,
    pull_or_push,
)
from pipfast.commands._errors import unknown_action
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.events import Level
from pipfast.policy.mode_table import parity
from pipfast.report import cache_lines
from pipfast.report.cache_lines import CacheFacts
from pipfast.report.console import Console
from pipfast.session.startup import print_notices
from pipfast.store.build_cache.pip_wheel_cache import WHEELS
from pipfast.store.inventory import ANSWERS, OLD_ANSWERS, Inventory, size_of

_ACTIONS = {"dir": 0, "info": 0, "list": 1, "purge": 0, "remove": 1}
"""The actions, each with the number of arguments that may follow."""

_OWN_ACTIONS = {"prune": 0, "pull": 1000, "push": 0}
"""The actions that pip does not have."""

_LEGACY = "selfcheck.json"
"""A file of pip before 18.1."""


def command(settings: Settings, console: Console) -> int:
    """Run the action that the first argument names.

    Raises CommandError for wrong arguments and for a disabled cache.
    """
    directory = print_notices(settings, console)
    if directory is None:
        raise CommandError(cache_lines.DISABLED)
    action, arguments = _action(settings)
    cache = Inventory(Path(directory))
    match action, arguments:
        case "prune", _:
            print_pruned(cache.folder, settings, console)
        case "pull" | "push", _:
            return pull_or_push(action, arguments, settings, console)
        case "dir", _:
            console.say(str(cache.folder))
        case "info", _:
            _print_info(cache, settings, console)
        case "list", _:
            files = cache.wheels(arguments[0] if arguments else "*")
            _list(files, console, paths=settings.text("list_format") == "abspath")
        case "remove", []:
            raise CommandError("Please provide a pattern")
        case _:
            _remove(cache, arguments[0] if arguments else "*", console)
    return 0


def _action(settings: Settings) -> tuple[str, list[str]]:
    """Return the action and its arguments. Raises CommandError."""
    action, *arguments = settings.words or ("",)
    own = _has_own_options(settings)
    actions = {**_ACTIONS, **_OWN_ACTIONS} if own else _ACTIONS
    if action not in actions:
        raise unknown_action(_ACTIONS if _prints_as_pip(settings) else actions)
    if len(arguments) > actions[action]:
        raise CommandError("Too many arguments")
    if own:
        check_own_options(action, settings)
    return action, arguments


def _has_own_options(settings: Settings) -> bool:
    """Return whether the program has pipfast's own actions: one named pip has pip's alone."""
    return "ci" in settings.values


def _prints_as_pip(settings: Settings) -> bool:
    """Return whether the output is pip's: in parity mode."""
    return parity(settings).value == "true"


def _print_info(cache: Inventory, settings: Settings, console: Console) -> None:
    if not settings.flag("json"):
        console.say(cache_lines.info(_facts(cache)))
    if settings.flag("json") or (_has_own_options(settings) and not _prints_as_pip(settings)):
        print_kinds(cache.folder, settings, console)


def _facts(cache: Inventory) -> CacheFacts:
    pages, old_pages = cache.folder / ANSWERS, cache.folder / OLD_ANSWERS
    wheels, store = cache.folder / WHEELS, cache.store
    return CacheFacts(
        pages=str(pages),
        old_pages=str(old_pages),
        pages_size=size_of(pages) + size_of(old_pages),
        page_count=len(cache.answers()),
        wheels=str(wheels),
        wheels_size=size_of(wheels),
        wheel_count=len(cache.wheels("*")),
        store=(str(store), size_of(store)) if store.is_dir() else None,
    )


def _list(files: list[Path], console: Console, *, paths: bool) -> None:
    if paths:
        if files:
            console.say("\n".join(sorted(map(str, files))))
    elif files:
        console.say(cache_lines.CONTENTS)
        console.say(cache_lines.wheels((file.name, size_of(file)) for file in files))
    else:
        console.say(cache_lines.NO_WHEELS)


def _remove(cache: Inventory, pattern: str, console: Console) -> None:
    """Remove the wheels that match `pattern`; for a lone star, all that is cached."""
    everything = pattern == "*"
    files = [*cache.built(pattern), *(cache.answers() if everything else ())]
    if not files and not (everything and cache.store.is_dir()):
        console.say(cache_lines.nothing_matches(None if everything else pattern), Level.WARNING)
    removed = cache.remove(files, everything=everything)
    for path in (*removed.files, *removed.folders):
        console.say(cache_lines.removed_path(path), Level.VERBOSE)
    with suppress(FileNotFoundError):
        (cache.folder / _LEGACY).unlink()
        console.say(cache_lines.removed_legacy(_LEGACY), Level.VERBOSE)
    console.say(cache_lines.removed_files(len(removed.files), removed.size))
    console.say(cache_lines.removed_folders(len(removed.folders)))
