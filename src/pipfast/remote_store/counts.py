"""What the remote store was good for on this machine, for ``cache info``."""

from __future__ import annotations

import json
from contextlib import suppress

from pipfast.model.frozen_dataclass import dataclass, names_of, replace
from pipfast.store.filesystem.private_files import private_file, private_folder
from pipfast.store.filesystem.root import Store

AREA = "remote"
_FILE = "counts.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Objects that were used, missing, refused and uploaded, and failures of the store.

    `received` and `sent` are bytes of content. `saved` are the seconds that the work took
    elsewhere, less those that getting its results took.
    """

    hits: float = 0
    misses: float = 0
    refused: float = 0
    failures: float = 0
    uploads: float = 0
    received: float = 0
    sent: float = 0
    saved: float = 0

    def plus(self, **more: float) -> Counts:
        """Return the counts with more of some."""
        return replace(self, **{name: getattr(self, name) + each for name, each in more.items()})


_NAMES = names_of(Counts)


def add(store: Store, counts: Counts) -> None:
    """Add the counts of a run, as a line, so that runs at the same time do not lose any."""
    if counts == Counts():
        return
    line = json.dumps({name: getattr(counts, name) for name in _NAMES if getattr(counts, name)})
    path = store.path(AREA, _FILE)
    with suppress(OSError):
        private_folder(str(path.parent))
        with open(path, "a", opener=private_file, encoding="utf-8") as file:
            file.write(f"{line}\n")


def total(store: Store) -> Counts | None:
    """Return the sum of all runs, None if no run had a remote store."""
    data = store.read(AREA, _FILE)
    if data is None:
        return None
    found = Counts()
    for line in data.decode("utf-8", "replace").split("\n"):
        with suppress(ValueError, TypeError, AttributeError):
            entry = json.loads(line)
            more = {
                name: entry[name] for name in _NAMES if isinstance(entry.get(name), int | float)
            }
            found = found.plus(**more)
    return found
