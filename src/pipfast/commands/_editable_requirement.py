"""An editable install as a requirement: its repository and commit, else its folder."""

from __future__ import annotations

import os

from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.vcs.base import NoRemote, RemoteUnnameable
from pipfast.fetch.vcs.detect import Whereabouts
from pipfast.fetch.vcs.processes import ProgramMissing
from pipfast.model.events import Level
from pipfast.model.installed_distribution import Installed
from pipfast.report.console import Console
from pipfast.report.freeze_lines import Frozen


def requirement_of(one: Installed, pin: str, settings: Settings, console: Console) -> Frozen:
    """The ``-e`` line of an editable install; `pin` is its requirement if it were none."""
    assert one.editable is not None, f"{one.raw_name} is not editable"
    folder = os.path.normcase(os.path.abspath(one.editable))  # noqa: PTH100 - links stay
    whereabouts = Whereabouts(console, settings.verbosity)
    system = whereabouts.system_of(folder)
    if system is None:
        comment = f"# Editable install with no version control ({pin})"
        return _editable(one, folder, comment)
    kind = type(system).__name__
    try:
        return _editable(one, whereabouts.requirement(system, folder, one.raw_name))
    except RemoteUnnameable as error:
        deleted = (
            f"# Editable {kind} install ({pin}) with either a deleted local remote or invalid URI:"
        )
        return _editable(one, folder, deleted, f"# '{error.url}'")
    except NoRemote:
        return _editable(one, folder, f"# Editable {kind} install with no remote ({pin})")
    except ProgramMissing:
        text = (
            f"cannot determine version of editable source in {folder} "
            f"({system.name} command not found in path)"
        )
        console.say(text, Level.WARNING)
        return _editable(one, folder)
    except InstallationError as error:
        text = f"Error when trying to get requirement for VCS system {error}"
        console.say(text, Level.WARNING)
    console.say(f"Could not determine repository location of {folder}", Level.WARNING)
    return _editable(one, folder, "## !! Could not determine repository location")


def _editable(one: Installed, what: str, *comments: str) -> Frozen:
    return Frozen(one.raw_name, f"-e {what}", comments)
