"""Notes on built wheels: their build key, and wheels from the same source."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipfast.model.direct_url import Origin, direct_url, origin_of
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.filesystem.root import Store

_FORMAT = 1
_SECOND = 1_000_000_000  # nanoseconds


@dataclass(frozen=True, slots=True)
class Note:
    """What is known about a wheel file while its size and time are unchanged.

    `sha256` is the file's, in hexadecimal. `beside` is the digest of everything that the build
    read except its source; `source` identifies the source, empty if unknown. `origin` is where
    it came from. `version` is the source's own, to which the wheel may have added a local
    segment; empty if unknown. `enclosed` is what `beside` would be for an isolated build.
    """

    sha256: str
    beside: str
    source: str
    origin: Origin | None
    version: str = ""
    enclosed: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes in the area `area` of a store. Write errors are ignored.

    They name files by their path in the cache directory, so that it may be moved. Notes of earlier
    releases have absolute paths.
    """

    store: Store
    area: str

    def read(self, path: Path) -> Note | None:
        """Return the note on the file at `path`; None if there is none or the file has changed."""
        entry = self._entry(_note_key(self._named(path))) or self._entry(_note_key(str(path)))
        try:
            if entry is None or not _is_same(entry["stamp"], _stamp(path)):
                return None
            origin_entry = entry["origin"]
            origin = None if origin_entry is None else origin_of(origin_entry)
            version, enclosed = entry.get("version", ""), entry.get("enclosed", "")
            sha256, beside, source = entry["sha256"], entry["beside"], entry["source"]
            return Note(sha256, beside, source, origin, version, enclosed)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path, note: Note, requirements: Sequence[str] = ()) -> None:
        """Write a note on the file at `path`; `requirements` are for people to read."""
        try:
            stamp = _stamp(path)
        except OSError:
            return
        self._keep(
            _note_key(self._named(path)),
            {
                "path": self._named(path),
                "stamp": stamp,
                "sha256": note.sha256,
                "beside": note.beside,
                "source": note.source,
                "origin": None if note.origin is None else direct_url(note.origin),
                "version": note.version,
                "enclosed": note.enclosed,
                "requirements": list(requirements),
            },
        )

    def wheels_of(self, key: str) -> list[Path]:
        """Return the wheels noted under `key`, whether they exist or not."""
        entry = self._entry(f"sources/{key}.json")
        paths = entry.get("wheels") if entry else None
        return [self._cache / path for path in paths] if isinstance(paths, list) else []

    def add_wheel(self, key: str, path: Path) -> None:
        """Note the wheel at `path` under `key`, together with those that still exist."""
        known = [other for other in self.wheels_of(key) if other != path and other.exists()]
        named = [self._named(wheel) for wheel in (*known, path)]
        self._keep(f"sources/{key}.json", {"wheels": named})

    @property
    def _cache(self) -> Path:
        """The cache directory that contains the store; an absolute path below it is unchanged."""
        return self.store.root.parent.parent

    def _named(self, path: Path) -> str:
        """Return a path in the cache directory as relative to that, another one unchanged."""
        is_inside = path.is_relative_to(self._cache)
        return path.relative_to(self._cache).as_posix() if is_inside else str(path)

    def _entry(self, key: str) -> dict[str, Any] | None:
        data = self.store.read(self.area, key)
        try:
            entry = json.loads(data) if data is not None else None
        except (ValueError, RecursionError):
            return None
        return entry if isinstance(entry, dict) and entry.get("format") == _FORMAT else None

    def _keep(self, key: str, entry: dict[str, Any]) -> None:
        self.store.write(self.area, key, json.dumps({"format": _FORMAT, **entry}).encode())


def _note_key(named: str) -> str:
    digest = hashlib.sha256(os.fsencode(named)).hexdigest()
    return f"notes/{digest[:2]}/{digest[2:40]}.json"


def _is_same(noted: list[int], found: list[int]) -> bool:
    """Return whether a file has the noted size and time.

    Archives such as tar's keep times in whole seconds only, and caches of CI are archives.
    """
    (size, moment), (found_size, found_moment) = noted, found
    seconds = moment // _SECOND * _SECOND
    return size == found_size and found_moment in (moment, seconds)


def _stamp(path: Path) -> list[int]:
    """Return size in bytes and time in nanoseconds."""
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]
