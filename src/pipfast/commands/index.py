"""`pip index versions`: the versions of a project that could be installed here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from packaging.version import Version

from pipfast.commands._available_versions import asking, versions
from pipfast.commands._environment import contents, target
from pipfast.config.settings import Settings
from pipfast.errors import CommandError, InstallationError
from pipfast.model.fast_versions import version_text
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import canonical_name
from pipfast.report.console import Console

_ACTIONS = ("versions",)


def command(settings: Settings, console: Console) -> int:
    """Say which versions there are. Raises PipfastError."""
    python = target(settings, console)
    action, *words = settings.words or ("",)
    if action not in _ACTIONS:
        raise CommandError(f"Need an action ({', '.join(_ACTIONS)}) to perform.")
    if len(words) != 1:
        raise CommandError("You need to specify exactly one argument")
    (query,) = words
    with asking(settings, console, python) as finder:
        shown = versions(finder, canonical_name(query))
    if not shown:
        raise InstallationError(f"No matching distribution found for {query}")
    present = {one.name: one for one in contents(settings, python, console, leave_out=())}
    here = present.get(canonical_name(query))
    if settings.flag("json"):
        told = {"name": query, "versions": shown, "latest": shown[0]}
        if here is not None:
            told["installed_version"] = _version(here)
        console.say(json.dumps(told))
    else:
        console.say("\n".join(_lines(query, shown, here)))
    return 0


def _lines(query: str, versions: Sequence[str], here: Installed | None) -> Iterator[str]:
    latest = versions[0]
    yield f"{query} ({latest})"
    yield f"Available versions: {', '.join(versions)}"
    if here is not None:
        yield f"  INSTALLED: {_version(here)}"
        before = " (pre-release; install with `pip install --pre`)" if Version(latest).pre else ""
        yield f"  LATEST:    {latest}{before}"


def _version(one: Installed) -> str:
    return version_text(one.version) or one.version
