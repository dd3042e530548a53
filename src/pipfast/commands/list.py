"""`pip list`: what is installed, as a table, as requirements or as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipfast.commands._environment import contents, excluded, location_of, target
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import complain
from pipfast.environment.metadata_files import data_of
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName
from pipfast.report.console import Console
from pipfast.report.list_formats import Row, as_json, columns, requirements

_BUILD = re.compile(rb"^Build:[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)

Latest = Mapping[NormalizedName, "tuple[str, str]"]
"""By project the newest release's version, and ``wheel`` or ``sdist``."""


def command(settings: Settings, console: Console) -> int:
    """Say what is installed, as the settings ask for it. Raises PipfastError."""
    python = target(settings, console)
    found = contents(settings, python, console)
    if settings.flag("not_required"):
        from pipfast.environment.dependencies import needed_by

        needed = needed_by(found, python.markers)
        found = [one for one in found if one.name not in needed]
    left_out = excluded(settings)
    found = sorted((one for one in found if one.name not in left_out), key=lambda one: one.name)
    latest: Latest = {}
    if settings.flag("outdated") or settings.flag("uptodate"):
        from pipfast.commands._available_versions import compared

        found, latest = compared(found, settings, console, python)
    _say(found, latest, settings, console)
    return 0


def _say(found: Sequence[Installed], latest: Latest, settings: Settings, console: Console) -> None:
    form = settings.text("list_format")
    verbose = bool(settings.values.get("verbose"))
    if form != "freeze":
        for one in found:
            complain(one, console)
    rows = [_row(one, latest if settings.flag("outdated") else {}) for one in found]
    match form:
        case "json":
            console.say(as_json(rows, verbose=verbose))
        case "freeze" if rows:
            console.say(requirements(rows, verbose=verbose))
        case "columns" if rows:
            console.say(columns(rows, list(map(_build, found)), verbose=verbose))


def _row(one: Installed, latest: Latest) -> Row:
    return Row(
        raw_name=one.raw_name,
        raw_version=one.raw_version,
        version=one.version,
        editable=one.editable or "",
        location=location_of(one),
        installer=one.installer,
        latest=latest.get(one.name),
    )


def _build(one: Installed) -> str:
    """The build tag of the wheel that it is from."""
    found = _BUILD.search(data_of(one.info, "WHEEL") or b"")
    return found[1].decode("utf-8", "replace") if found else ""
