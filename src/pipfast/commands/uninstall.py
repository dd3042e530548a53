"""`pip uninstall`: remove distributions, after the user has confirmed it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from packaging.utils import NormalizedName

from pipfast.commands._own_removal import hint_on_store
from pipfast.commands._removal import Removal
from pipfast.concurrency.interrupts import reporting
from pipfast.config.settings import Settings
from pipfast.environment.externally_managed import ExternallyManaged
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.errors import InstallationError
from pipfast.model.events import Level
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.mode import mode
from pipfast.policy.option_conflicts import check_virtualenv
from pipfast.report import uninstall_lines
from pipfast.report.console import Console
from pipfast.requirements.parse import LineContext, parse_editable, parse_requirement
from pipfast.requirements.requirements_file import OptionLine, Reader, RequirementLine, read_file
from pipfast.session.root_warning import warn_if_root
from pipfast.session.startup import print_notices
from pipfast.store.filesystem.entries import entries
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import PlannedAgain


def command(settings: Settings, console: Console) -> int:
    """Remove the distributions that the settings name. Raises PipfastError."""
    cache_dir = print_notices(settings, console)
    python = interpreter(find(settings.python, os.environ), entries(cache_dir))
    check_virtualenv(settings, is_virtual=python.is_virtual)
    removal = Removal.prepared(settings, console, python)
    names = _requested(settings, console)
    marker = python.externally_managed
    if marker is not None and not settings.flag("override_externally_managed"):
        raise ExternallyManaged.from_marker(marker, python.prefix)
    own_info, hint = hint_on_store(cache_dir, names, removal.present, mode(settings))
    with reporting():
        try:
            removal.remove_all(names)
        except EnvironmentChanged:
            console(PlannedAgain())
            _remove_again(settings, console, python, names)
    if hint and not os.path.exists(own_info):  # noqa: PTH110 - a string
        sys.stderr.write(hint)
    warn_if_root(settings, console, python)
    return 0


def _remove_again(
    settings: Settings, console: Console, python: Interpreter, names: Mapping[NormalizedName, str]
) -> None:
    """Remove the projects after another look at the environment.

    Raises InstallationError if it was changed again.
    """
    try:
        Removal.prepared(settings, console, python).remove_all(names)
    except EnvironmentChanged:
        raise InstallationError(uninstall_lines.STILL_CHANGING) from None


def _requested(settings: Settings, console: Console) -> Mapping[NormalizedName, str]:
    """Return the projects to remove, each with its name as it was written last.

    Raises InstallationError if there are none.
    """
    names: dict[NormalizedName, str] = {}
    for argument in settings.words:
        wanted = parse_requirement(argument, emit=console)
        if wanted.requirement is None:
            console.say(uninstall_lines.invalid_requirement(argument), Level.WARNING)
        _add(names, wanted)
    reader = Reader(
        remote=lambda url: _download_text(url, settings, console), environ=os.environ, emit=console
    )
    for path in settings.texts("requirements"):
        for wanted in _in_file(path, reader, console):
            _add(names, wanted)
    if not names:
        raise InstallationError(uninstall_lines.NO_NAMES)
    return names


def _add(names: dict[NormalizedName, str], wanted: UserRequirement) -> None:
    if wanted.name is not None and wanted.requirement is not None:
        names[wanted.name] = wanted.requirement.name


def _in_file(path: str, reader: Reader, console: Console) -> Iterator[UserRequirement]:
    """Yield the requirements of a file; constraints count as requirements here (pip behaviour)."""
    for line in read_file(path, reader):
        context = LineContext(
            origin=line.origin,
            constraint=isinstance(line, RequirementLine) and line.constraint,
        )
        match line:
            case RequirementLine(editable=True):
                yield parse_editable(line.text, context)
            case RequirementLine():
                yield parse_requirement(line.text, context, console)
            case OptionLine():
                if line.options.digests:
                    origin = line.origin
                    text = uninstall_lines.hash_without_requirement(origin.path, origin.line)
                    console.say(text, Level.WARNING)


def _download_text(url: str, settings: Settings, console: Console) -> str:
    from pipfast.net.client import Client
    from pipfast.policy.network import network_policy

    python = find(settings.python, os.environ)
    client = Client(network_policy(settings, python), console)
    try:
        return client.text(url)
    finally:
        client.close()
