"""`pip inspect`: all that an environment holds, as JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pipfast.commands._environment import contents, location_of, target
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import complain, origin_of
from pipfast.environment.metadata_files import metadata_of
from pipfast.model.file_urls import url_of_path
from pipfast.model.installed_distribution import Installed
from pipfast.report.console import Console
from pipfast.report.json_fields import Seen, inspection

TYPE_CHECKING = False  # by that name type checkers know it; the module costs 3 ms
if TYPE_CHECKING:
    from typing import Any


def command(settings: Settings, console: Console) -> int:
    """Print the report. Raises PipfastError."""
    python = target(settings, console)
    found = contents(settings, python, console)
    console.print_json(inspection([_seen(one, console) for one in found], python.markers))
    return 0


def _seen(one: Installed, console: Console) -> Seen:
    where = f"{one.info}/" if location_of(one).endswith("/") else one.info
    noted = one.info.endswith(".dist-info") and os.path.isdir(one.info)
    return Seen(
        document=metadata_of(one),
        info=where or None,
        origin=_origin(one, console),
        installer=one.installer,
        requested=one.requested if noted else None,
    )


def _origin(one: Installed, console: Console) -> Mapping[str, Any] | None:
    told = origin_of(one, console)
    if told is not None:
        return told.to_dict(generate_legacy_hash=True)
    complain(one, console)
    if one.editable is None:
        return None
    return {"url": url_of_path(one.editable), "dir_info": {"editable": True}}
