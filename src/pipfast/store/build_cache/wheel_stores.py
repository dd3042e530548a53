"""The two places of built wheels: pip's cache, and our own store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from packaging.utils import NormalizedName

from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.store.build_cache.build_key import (
    BuildKey,
    content_key,
    lookup_key,
    source_of,
    storage_keys,
)
from pipfast.store.build_cache.notes import Note, Notes
from pipfast.store.build_cache.pip_wheel_cache import folder_of, read_origin, write_origin
from pipfast.store.filesystem.atomic import copy, sha256_of
from pipfast.store.filesystem.root import Store

AREA = "built"
"""The store's area: `wheels` without a place in pip's cache, `notes`, and `sources` of wheels."""


class WheelStore(Protocol):
    """A place of built wheels."""

    def wheels(self, link: Link, name: NormalizedName | None, key: BuildKey) -> Iterable[Path]:
        """Return the files that may have been built from `link`, or from its content."""

    def note(
        self, path: Path, link: Link, name: NormalizedName | None, key: BuildKey
    ) -> Note | None:
        """Return what is known about one of these files; None if it must not be used."""

    def folder(self, link: Link, origin: Origin, key: BuildKey) -> Path | None:
        """Return where a wheel built from `link` belongs; None if it is not stored."""


@dataclass(frozen=True, slots=True)
class OwnWheelStore:
    """The wheels in our store, found by everything that their builds read."""

    store: Store
    notes: Notes

    def wheels(self, link: Link, name: NormalizedName | None, key: BuildKey) -> Iterable[Path]:
        """Return the files that `add` stored under the content of `link`, or its address."""
        looked_up = lookup_key(link, name, key)
        return () if looked_up is None else self.notes.wheels_of(looked_up)

    def note(
        self, path: Path, link: Link, name: NormalizedName | None, key: BuildKey
    ) -> Note | None:
        """Return the note that was written with the file."""
        del link, name, key
        return self.notes.read(path)

    def folder(self, link: Link, origin: Origin, key: BuildKey) -> Path | None:
        """Return the folder; None for a wheel that must not be found again."""
        keys = storage_keys(link, origin, key)
        return self.store.path(AREA, f"wheels/{keys[0]}") if keys else None


@dataclass(frozen=True, slots=True)
class PipWheelStore:
    """The wheels in pip's cache directory, which pip finds by the link alone."""

    cache_dir: str
    notes: Notes
    emit: Listener

    def wheels(self, link: Link, name: NormalizedName | None, key: BuildKey) -> Iterable[Path]:
        """Return the files in the folder of `link`; as in pip, none without a project `name`."""
        if name is not None:
            with suppress(OSError):
                return list(self._folder(link, key).iterdir())
        return ()

    def note(
        self, path: Path, link: Link, name: NormalizedName | None, key: BuildKey
    ) -> Note | None:
        """Return our note on the file; a wheel that pip built has no additional inputs."""
        return self.notes.read(path) or self._note_of_pips(path, link, name, key)

    def folder(self, link: Link, origin: Origin, key: BuildKey) -> Path:
        """Return the folder in which pip stores what is built from `link`."""
        del origin
        return self._folder(link, key)

    def place(
        self, path: Path, link: Link, origin: Origin, key: BuildKey, note: Note
    ) -> Path | None:
        """Place the wheel at `path` in pip's folder; existing files stay.

        Return the folder, None if it is not writable.
        """
        folder = self._folder(link, key)
        try:
            placed = folder / path.name
            if not placed.exists():
                self.notes.write(copy(path, folder), note)
            elif path != placed:
                return folder
            write_origin(folder, origin, self.emit)
        except OSError:
            return None
        return folder

    def _folder(self, link: Link, key: BuildKey) -> Path:
        return folder_of(self.cache_dir, link, key.python)

    def _note_of_pips(
        self, path: Path, link: Link, name: NormalizedName | None, key: BuildKey
    ) -> Note | None:
        if name is None or path.parent != self._folder(link, key):
            return None
        if not replace(key, ambient={}).plain:
            return None  # pip never considers compiler variables
        origin = read_origin(path, self.emit)
        source = source_of(link, key)
        if isinstance(origin, ArchiveOrigin) and origin.digests:
            source = str(origin.digests[0])
        try:
            note = Note(sha256_of(path), key.beside, source, origin)
        except OSError:
            return None
        self.notes.write(path, note)
        found_by = content_key(link, replace(key, source=source))
        if found_by is not None:
            self.notes.add_wheel(found_by, path)
        return note
