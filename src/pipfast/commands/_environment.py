"""The target Python and its installed distributions, for commands that only read an environment.

These commands import this module at each start, so it imports little itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from pipfast.config.settings import Settings
from pipfast.environment.discovery import NEVER_LISTED, installed
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.model.events import Listener
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName, canonical_name
from pipfast.policy.option_conflicts import check_options
from pipfast.report.console import Console
from pipfast.session.startup import print_notices
from pipfast.store.filesystem.entries import entries
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER


def target_interpreter(settings: Settings, console: Console) -> Interpreter:
    """Print the notices that every run begins with; return the Python of the environment to read.

    Raises CommandError.
    """
    cache_dir = print_notices(settings, console)
    check_options(settings)
    return interpreter(find(settings.python, os.environ), entries(cache_dir))


def installed_distributions(
    settings: Settings,
    python: Interpreter,
    emit: Listener,
    *,
    leave_out: Iterable[NormalizedName] = NEVER_LISTED,
) -> list[Installed]:
    """Return what is installed, as ``--path``, ``--local``, ``--user`` and ``--editable`` select.

    The environment is scanned once; `emit` gets the warnings of the scan. If a run was interrupted
    amid a change, the change is undone before, or what was there before is returned.
    """
    paths = settings.texts("path") or python.sys_path
    interrupted = [root for root in _roots(settings, python) if _has_transaction(root)]
    found: Iterable[Installed]
    if interrupted:
        from pipfast.session.interrupted_runs import EarlierStates

        earlier = EarlierStates(interrupted, python, settings, emit)
        found = earlier.corrected(installed(earlier.paths(paths), python, emit))
    else:
        found = installed(paths, python, emit)
    for selects in _filters(settings):
        found = filter(selects, found)
    names = frozenset(leave_out)
    return [each for each in found if each.name not in names]


def _roots(settings: Settings, python: Interpreter) -> Iterable[str]:
    """Return the folders that a transaction may have changed."""
    user = python.user_scheme
    own = (python.scheme.purelib, *((user.purelib,) if user is not None else ()))
    return settings.texts("path") or own


def _has_transaction(root: str) -> bool:
    return os.path.lexists(os.path.join(root, TRANSACTION_FOLDER))


def _filters(settings: Settings) -> Iterator[Callable[[Installed], bool]]:
    if settings.flag("local"):
        yield lambda each: each.local
    if settings.command == "list" and not settings.flag("include_editable"):
        yield lambda each: not each.editable
    if settings.command == "list" and settings.flag("editable"):
        yield lambda each: bool(each.editable)
    if settings.flag("user"):
        yield lambda each: each.in_user_site


def excluded(settings: Settings) -> frozenset[NormalizedName]:
    """Return the projects that ``--exclude`` names."""
    return frozenset(map(canonical_name, settings.texts("excludes")))


def location_of(installed: Installed) -> str:
    """Return its folder on the path as pip prints it: an archive with a slash at the end."""
    location = installed.location
    return f"{location}/" if os.path.isfile(location) else location
