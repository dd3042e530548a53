"""Records of runs in which real pip had to be asked: the newest few, for a report."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pipfast.store.filesystem.root import Store

FOLDER = "parity"
"""Where they are in pip's cache directory."""

MOST = 50
"""How many are kept."""


def keep(cache_dir: str | None, when: str, text: str) -> Path:
    """Keep `text` as the record of the time `when`, and return where.

    `when` begins the name, so that names sort by age; the oldest go when there are too many. Where
    the cache takes none, or there is no cache, it is a file in the temporary folder.
    Raises OSError where that takes none either.
    """
    data = text.encode("utf-8", "backslashreplace")
    name = f"{when}-{sha256(data).hexdigest()[:12]}.json"
    if cache_dir is not None:
        store = Store(Path(cache_dir))
        if store.write(FOLDER, name, data):
            _forget(store.path(FOLDER, ""))
            return store.path(FOLDER, name)
    handle, place = tempfile.mkstemp(prefix="pipfast-parity-", suffix=".json")
    with open(handle, "wb") as file:  # noqa: PTH123 - a handle
        file.write(data)
    return Path(place)


def _forget(folder: Path) -> None:
    """Remove all but the newest."""
    with suppress(OSError):
        for record in sorted(folder.glob("*.json"))[:-MOST]:
            record.unlink(missing_ok=True)
