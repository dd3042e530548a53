"""Store the latest incident reports of runs that were handed to real pip."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pipfast.store.filesystem.owned_names import sweep, unused_name

FOLDER = "parity"
"""Their folder in pip's cache directory."""

MOST = 50
"""The number of reports to keep."""


def keep(cache_dir: str | None, when: str, text: str) -> Path:
    """Store `text` as the report of the time `when`, and return its path.

    File names start with `when`, so they sort by age; the oldest are removed. Without a writable
    cache it is a file in the temporary folder. Raises OSError if that is not writable either.
    """
    data = text.encode("utf-8", "backslashreplace")
    name = f"{when}-{sha256(data).hexdigest()[:12]}.json"
    if cache_dir is not None:
        folder = Path(cache_dir, FOLDER)
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            sweep(str(folder))
            aside = folder / unused_name(".report")
            aside.write_bytes(data)
            aside.replace(folder / name)
            _forget(folder)
            return folder / name
    handle, place = tempfile.mkstemp(prefix="pipfast-parity-", suffix=".json")
    with open(handle, "wb") as file:  # noqa: PTH123 - a handle
        file.write(data)
    return Path(place)


def _forget(folder: Path) -> None:
    """Remove all but the latest."""
    with suppress(OSError):
        for record in sorted(folder.glob("*.json"))[:-MOST]:
            record.unlink(missing_ok=True)
