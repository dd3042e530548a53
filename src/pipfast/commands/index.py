"""`pip index versions`: print the versions of a project that can be installed here."""

from __future__ import annotations

from pipfast.commands._available_versions import finder_on_indexes, installable_versions
from pipfast.commands._environment import installed_distributions, target_interpreter
from pipfast.commands._errors import unknown_action
from pipfast.config.settings import Settings
from pipfast.errors import CommandError, InstallationError
from pipfast.model.fast_versions import version_text
from pipfast.model.project_names import canonical_name
from pipfast.report import index_versions
from pipfast.report.console import Console

_ACTIONS = ("versions",)


def command(settings: Settings, console: Console) -> int:
    """Print the versions. Raises PipfastError."""
    python = target_interpreter(settings, console)
    action, *arguments = settings.words or ("",)
    if action not in _ACTIONS:
        raise unknown_action(_ACTIONS)
    if len(arguments) != 1:
        raise CommandError("You need to specify exactly one argument")
    (project,) = arguments
    name = canonical_name(project)
    with finder_on_indexes(settings, console, python) as finder:
        versions = installable_versions(finder, name)
    if not versions:
        raise InstallationError(f"No matching distribution found for {project}")
    found = installed_distributions(settings, python, console, leave_out=())
    present = {each.name: version_text(each.version) or each.version for each in found}
    render = index_versions.as_json if settings.flag("json") else index_versions.as_text
    console.say(render(project, versions, present.get(name)))
    return 0
