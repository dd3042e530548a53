"""`pip list`: print what is installed, as a table, as requirements or as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipfast.commands._environment import (
    excluded,
    installed_distributions,
    location_of,
    target_interpreter,
)
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import report_if_invalid
from pipfast.environment.metadata_files import data_of
from pipfast.model.installed_distribution import Installed
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.project_names import NormalizedName
from pipfast.report.console import Console
from pipfast.report.list_formats import Row, as_json, columns, requirements

_BUILD = lazy_pattern(rb"^Build:[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)

Latest = Mapping[NormalizedName, "tuple[str, str]"]
"""By project the version of the newest release, and ``wheel`` or ``sdist``."""


def command(settings: Settings, console: Console) -> int:
    """Print what is installed in the format of the settings. Raises PipfastError."""
    python = target_interpreter(settings, console)
    found = installed_distributions(settings, python, console)
    if settings.flag("not_required"):
        from pipfast.environment.dependencies import needed_by

        required = needed_by(found, python.markers)
        found = [each for each in found if each.name not in required]
    left_out = excluded(settings)
    found = sorted(
        (each for each in found if each.name not in left_out), key=lambda each: each.name
    )
    latest: Latest = {}
    if settings.flag("outdated") or settings.flag("uptodate"):
        from pipfast.commands._available_versions import compare_with_latest

        found, latest = compare_with_latest(found, settings, console, python)
    _print(found, latest, settings, console)
    return 0


def _print(
    found: Sequence[Installed], latest: Latest, settings: Settings, console: Console
) -> None:
    form = settings.text("list_format")
    verbose = bool(settings.values.get("verbose"))
    if form != "freeze":
        for installed in found:
            report_if_invalid(installed, console)
    rows = [_row(each, latest if settings.flag("outdated") else {}) for each in found]
    match form:
        case "json":
            console.say(as_json(rows, verbose=verbose))
        case "freeze" if rows:
            console.say(requirements(rows, verbose=verbose))
        case "columns" if rows:
            console.say(columns(rows, list(map(_build_tag, found)), verbose=verbose))


def _row(installed: Installed, latest: Latest) -> Row:
    return Row(
        raw_name=installed.raw_name,
        raw_version=installed.raw_version,
        version=installed.version,
        editable=installed.editable or "",
        location=location_of(installed),
        installer=installed.installer,
        latest=latest.get(installed.name),
    )


def _build_tag(installed: Installed) -> str:
    """Return the build tag of the wheel that it was installed from."""
    found = _BUILD.search(data_of(installed.info, "WHEEL") or b"")
    return found[1].decode("utf-8", "replace") if found else ""
