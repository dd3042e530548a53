"""What the commands that only look at an environment have in common: the target, and its contents.

Everything here is imported at each of their starts, so it imports little.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from pipfast.config.settings import Settings
from pipfast.environment.discovery import NEVER_LISTED, installed
from pipfast.environment.interpreter import Interpreter, find, interpreter
from pipfast.model.events import Listener
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.policy.option_conflicts import check_options
from pipfast.report.console import Console
from pipfast.session.startup import print_notices
from pipfast.store.filesystem.entries import entries


def target(settings: Settings, console: Console) -> Interpreter:
    """The Python whose environment is looked at, after the remarks that every run begins with.

    Raises CommandError.
    """
    cache = print_notices(settings, console)
    check_options(settings)
    return interpreter(find(settings.python, os.environ), entries(cache))


def contents(
    settings: Settings,
    python: Interpreter,
    emit: Listener,
    *,
    leave_out: Iterable[NormalizedName] = NEVER_LISTED,
) -> list[Installed]:
    """What is installed, as far as ``--path``, ``--local``, ``--user`` and ``--editable`` say.

    One look is taken; what it warns of is told to `emit`.
    """
    found: Iterable[Installed] = installed(settings.texts("path") or python.sys_path, python, emit)
    for wanted in _filters(settings):
        found = filter(wanted, found)
    names = frozenset(leave_out)
    return [one for one in found if one.name not in names]


def _filters(settings: Settings) -> Iterator[Callable[[Installed], bool]]:
    if settings.flag("local"):
        yield lambda one: one.local
    if settings.command == "list" and not settings.flag("include_editable"):
        yield lambda one: not one.editable
    if settings.command == "list" and settings.flag("editable"):
        yield lambda one: bool(one.editable)
    if settings.flag("user"):
        yield lambda one: one.in_user_site


def excluded(settings: Settings) -> frozenset[NormalizedName]:
    """The projects that ``--exclude`` names."""
    return frozenset(map(canonical_name, settings.texts("excludes")))


def location_of(one: Installed) -> str:
    """The folder on the path that holds it, an archive with a slash behind it, as pip shows it."""
    return f"{one.location}/" if os.path.isfile(one.location) else one.location
