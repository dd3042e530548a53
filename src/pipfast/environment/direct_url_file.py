"""The origin of an installed distribution: ``direct_url.json`` (PEP 610)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipfast.environment.events import DirectUrlInvalid
from pipfast.model.events import Listener
from pipfast.model.installed_distribution import Installed

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from packaging.direct_url import DirectUrl

_KINDS = ("dir_info", "vcs_info", "archive_info")


def document_in(text: bytes | str) -> Mapping[str, object] | None:
    """Return the file's content; None if it is clearly invalid."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return None
    kinds = [kind for kind in _KINDS if isinstance(document.get(kind), dict)]
    return document if len(kinds) == 1 else None


def editable_folder(document: Mapping[str, object]) -> str | None:
    """Return the project folder of an editable install."""
    how, url = document.get("dir_info"), str(document["url"])
    if not isinstance(how, dict) or not how.get("editable") or not url.startswith("file:"):
        return None
    from pipfast.model.file_urls import path_of_url

    try:
        return path_of_url(url)
    except ValueError:  # of a host in brackets
        return None


def origin_of(installed: Installed, emit: Listener) -> DirectUrl | None:
    """Return the origin; None if there is no file, or it is invalid, which is reported."""
    if installed.direct_url is None:
        return None
    from urllib.parse import urlsplit

    from packaging.direct_url import DirectUrl, DirectUrlValidationError

    try:
        origin = DirectUrl.from_dict(json.loads(installed.direct_url))
        urlsplit(origin.url)  # it is needed wherever the origin is shown
    except (ValueError, AttributeError, DirectUrlValidationError, RecursionError) as error:
        emit(DirectUrlInvalid(installed.name, str(error)))
        return None
    return origin


def report_if_invalid(installed: Installed, emit: Listener) -> None:
    """Report an invalid file, as pip does each time it reads it."""
    if installed.direct_url is not None and document_in(installed.direct_url) is None:
        origin_of(installed, emit)
