"""The requirement for an editable install: its repository at its commit, else its folder."""

from __future__ import annotations

import os

from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.vcs.detect import RepositoryDetector
from pipfast.fetch.vcs.errors import NoRemote, RemoteNotARequirement
from pipfast.fetch.vcs.runner import ProgramMissing
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.report import freeze_lines
from pipfast.report.console import Console
from pipfast.report.freeze_lines import Frozen


def editable_requirement(
    installed: Installed, pin: str, settings: Settings, console: Console
) -> Frozen:
    """Return the ``-e`` line of an editable install; comments name `pin`, ``name==version``."""
    assert installed.editable is not None, f"{installed.raw_name} is not editable"
    folder = os.path.normcase(os.path.abspath(installed.editable))  # noqa: PTH100 - links stay
    repositories = RepositoryDetector(console, settings.verbosity)
    system = repositories.system_of(folder)
    if system is None:
        return _frozen(installed, folder, freeze_lines.no_version_control(pin))
    kind = type(system).__name__
    try:
        requirement = repositories.requirement(system, folder, installed.raw_name)
        return _frozen(installed, requirement)
    except RemoteNotARequirement as error:
        return _frozen(installed, folder, *freeze_lines.unusable_remote(kind, pin, error.url))
    except NoRemote:
        return _frozen(installed, folder, freeze_lines.no_remote(kind, pin))
    except ProgramMissing:
        console.say(freeze_lines.program_missing(folder, system.name), Level.WARNING)
        return _frozen(installed, folder)
    except InstallationError as error:
        console.say(freeze_lines.repository_unreadable(error), Level.WARNING)
    console.say(freeze_lines.unknown_location(folder), Level.WARNING)
    return _frozen(installed, folder, freeze_lines.UNKNOWN_LOCATION)


def _frozen(installed: Installed, target: str, *comments: str) -> Frozen:
    return Frozen(installed.raw_name, f"-e {target}", comments)
