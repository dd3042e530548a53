"""`pip inspect`: print the contents of an environment as JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pipfast.commands._environment import installed_distributions, location_of, target_interpreter
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import origin_of, report_if_invalid
from pipfast.environment.metadata_files import metadata_of
from pipfast.model.file_urls import url_of_path
from pipfast.model.installed_distribution import Installed
from pipfast.report.console import Console
from pipfast.report.json_fields import Seen, inspection

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from typing import Any


def command(settings: Settings, console: Console) -> int:
    """Print the report. Raises PipfastError."""
    python = target_interpreter(settings, console)
    found = installed_distributions(settings, python, console)
    console.print_json(inspection([_entry(each, console) for each in found], python.markers))
    return 0


def _entry(installed: Installed, console: Console) -> Seen:
    info = installed.info
    location = f"{info}/" if location_of(installed).endswith("/") else info
    is_folder = info.endswith(".dist-info") and os.path.isdir(info)
    return Seen(
        document=metadata_of(installed),
        info=location or None,
        origin=_direct_url(installed, console),
        installer=installed.installer,
        requested=installed.requested if is_folder else None,
    )


def _direct_url(installed: Installed, console: Console) -> Mapping[str, Any] | None:
    origin = origin_of(installed, console)
    if origin is not None:
        return origin.to_dict(generate_legacy_hash=True)
    report_if_invalid(installed, console)
    if installed.editable is None:
        return None
    return {"url": url_of_path(installed.editable), "dir_info": {"editable": True}}
