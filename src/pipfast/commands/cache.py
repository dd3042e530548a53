"""`pip cache`: what is kept, and how to be rid of it; pip's folders and our own store together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.events import Level
from pipfast.report.console import Console
from pipfast.session.startup import print_notices
from pipfast.store.build_cache.pip_wheel_cache import WHEELS
from pipfast.store.inventory import ANSWERS, OLD_ANSWERS, Holdings, size_of

_ACTIONS = {"dir": 0, "info": 0, "list": 1, "purge": 0, "remove": 1}
"""How many words may follow."""

_LEGACY = "selfcheck.json"


def command(settings: Settings, console: Console) -> int:
    """Do what the first word says. Raises CommandError."""
    directory = print_notices(settings, console)
    if directory is None:
        raise CommandError("pip cache commands can not function since cache is disabled.")
    action, *words = settings.words or ("",)
    if action not in _ACTIONS:
        raise CommandError(f"Need an action ({', '.join(sorted(_ACTIONS))}) to perform.")
    if len(words) > _ACTIONS[action]:
        raise CommandError("Too many arguments")
    holdings = Holdings(Path(directory))
    match action, words:
        case "dir", _:
            console.say(str(holdings.folder))
        case "info", _:
            console.say("\n".join(_facts(holdings)))
        case "list", _:
            files = holdings.wheels(words[0] if words else "*")
            _list(files, console, paths=settings.text("list_format") == "abspath")
        case "remove", []:
            raise CommandError("Please provide a pattern")
        case _:
            _clear(holdings, words[0] if words else "*", console)
    return 0


def _facts(holdings: Holdings) -> Iterator[str]:
    answers, old = holdings.folder / ANSWERS, holdings.folder / OLD_ANSWERS
    wheels, store = holdings.folder / WHEELS, holdings.store
    yield f"Package index page cache location (pip v23.3+): {answers}"
    yield f"Package index page cache location (older pips): {old}"
    yield f"Package index page cache size: {_readable(size_of(answers) + size_of(old))}"
    yield f"Number of HTTP files: {len(holdings.answers())}"
    yield f"Locally built wheels location: {wheels}"
    yield f"Locally built wheels size: {_readable(size_of(wheels))}"
    yield f"Number of locally built wheels: {len(holdings.wheels('*'))}"
    if store.is_dir():
        yield f"pipfast store location: {store}"
        yield f"pipfast store size: {_readable(size_of(store))}"


def _list(files: list[Path], console: Console, *, paths: bool) -> None:
    if paths:
        if files:
            console.say("\n".join(sorted(map(str, files))))
    elif files:
        console.say("Cache contents:\n")
        console.say(
            "\n".join(sorted(f" - {one.name} ({_readable(size_of(one))})" for one in files))
        )
    else:
        console.say("No locally built wheels cached.")


def _clear(holdings: Holdings, pattern: str, console: Console) -> None:
    """Remove wheels; all that is kept of anything where the pattern is a lone star."""
    everything = pattern == "*"
    files = [*holdings.built(pattern), *(holdings.answers() if everything else ())]
    if not files and not (everything and holdings.store.is_dir()):
        which = "" if everything else f' for pattern "{pattern}"'
        console.say(f"No matching packages{which}", Level.WARNING)
    removed = holdings.remove(files, everything=everything)
    for path in (*removed.files, *removed.folders):
        console.say(f"Removed {path}", Level.VERBOSE)
    with suppress(FileNotFoundError):
        (holdings.folder / _LEGACY).unlink()
        console.say(f"Removed legacy {_LEGACY} file", Level.VERBOSE)
    console.say(f"Files removed: {len(removed.files)} ({_readable(removed.size)})")
    console.say(f"Directories removed: {len(removed.folders)}")


def _readable(size: int) -> str:
    """A size in pip's units, which are powers of ten."""
    if size > 1000 * 1000:
        return f"{size / 1000 / 1000:.1f} MB"
    if size > 10 * 1000:
        return f"{size // 1000} kB"
    return f"{size / 1000:.1f} kB" if size > 1000 else f"{size} bytes"
