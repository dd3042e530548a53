"""What this machine made and has not uploaded yet: a queue in the store, which survives runs."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass, names_of
from pipfast.remote_store.counts import AREA
from pipfast.remote_store.objects import LONGEST, Manifest
from pipfast.store.filesystem.owned_names import temporary_store_path
from pipfast.store.filesystem.private_files import private_folder
from pipfast.store.filesystem.root import Store

_QUEUE = "queue"
_FIELDS = names_of(Manifest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An object that waits: its manifest, the file with its content, and its entry's own file.

    With `replaces`, the storage has an object of its name that must not be used.
    """

    manifest: Manifest
    content: Path
    entry: Path
    replaces: bool


@dataclass(frozen=True, slots=True)
class Outbox:
    """The queue in a store. Safe for several threads and processes; write errors are ignored."""

    store: Store

    def add(self, manifest: Manifest, content: Path, *, replaces: bool) -> None:
        """Queue an object; its content is linked, or copied, so that the cache may be emptied."""
        name = sha256(manifest.key.encode()).hexdigest()[:40]
        place = self.store.path(AREA, f"{_QUEUE}/{name}.content")
        fields = {one: getattr(manifest, one) for one in _FIELDS}
        with suppress(OSError):
            private_folder(str(place.parent))
            aside = Path(temporary_store_path(str(self.store.root)))
            try:
                os.link(content, aside)
            except OSError:
                shutil.copyfile(content, aside)
            aside.replace(place)
            document = json.dumps({**fields, "replaces": replaces}).encode()
            self.store.write(AREA, f"{_QUEUE}/{name}.json", document)

    def waiting(self) -> Iterator[Waiting]:
        """Yield what waits, the oldest first; what no machine would use any more is removed."""
        found = [one for one in map(self._read, self._entries()) if one is not None]
        for one in sorted(found, key=lambda each: each.manifest.made):
            if time.time() - one.manifest.made > LONGEST:
                self.remove(one)
            else:
                yield one

    def count(self) -> int:
        """Return how many objects wait."""
        return len(self._entries())

    def remove(self, one: Waiting) -> None:
        """Take an object out of the queue."""
        _discard(one.entry)

    def _entries(self) -> list[Path]:
        with suppress(OSError):
            return [*self.store.path(AREA, _QUEUE).glob("*.json")]
        return []

    def _read(self, path: Path) -> Waiting | None:
        try:
            entry = json.loads(path.read_bytes())
            manifest = Manifest(**{name: entry[name] for name in _FIELDS})
            content = _content_of(path)
            if content.stat().st_size == manifest.size:
                return Waiting(
                    manifest=manifest, content=content, entry=path, replaces=bool(entry["replaces"])
                )
        except (OSError, ValueError, KeyError, TypeError):
            pass  # it is removed
        _discard(path)
        return None


def _content_of(entry: Path) -> Path:
    return entry.with_suffix(".content")


def _discard(entry: Path) -> None:
    for path in (entry, _content_of(entry)):
        with suppress(OSError):
            path.unlink()
