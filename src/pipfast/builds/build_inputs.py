"""What the distributions in a build environment contain, so that equal ones can be recognised.

Names and versions do not tell: an index may have another file of the same version, and a direct
reference any file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from pipfast.model.installed_distribution import Installed

_OF_THIS_INSTALL = ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD")
"""Files of a metadata folder that say how it was installed."""


def contents(found: Iterable[Installed]) -> tuple[str, ...] | None:
    """Return each distribution as ``name==version`` and a digest of its files, sorted.

    The digest is missing where RECORD is, as for distributions of the system. None if one of them
    is a folder of a user, whose content nothing records.
    """
    lines: list[str] = []
    for one in found:
        if one.editable is not None or _is_of_folder(one.direct_url):
            return None
        lines.append(f"{one.name}=={one.version} {_digest(one.info)}".rstrip())
    return tuple(sorted(lines))


def _is_of_folder(direct_url: str | None) -> bool:
    if direct_url is None:
        return False
    try:
        return "dir_info" in json.loads(direct_url)
    except (ValueError, TypeError):
        return True


def _digest(info: str) -> str:
    """Return a digest of the hashes in RECORD, empty if there are none.

    Scripts are left out, because they name the interpreter.
    """
    try:
        with Path(info, "RECORD").open(encoding="utf-8", newline="") as file:
            rows = sorted(_hashed(csv.reader(file)))
    except (OSError, ValueError, csv.Error):
        return ""
    return sha256("\n".join(rows).encode()).hexdigest() if rows else ""


def _hashed(rows: Iterable[list[str]]) -> Iterator[str]:
    for row in rows:
        if len(row) < 2 or not row[1] or row[0].startswith((".", "/")):
            continue
        folder, _, name = row[0].rpartition("/")
        if not (folder.endswith(".dist-info") and name in _OF_THIS_INSTALL):
            yield f"{row[0]} {row[1]}"
