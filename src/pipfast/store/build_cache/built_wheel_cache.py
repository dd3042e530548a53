"""Cache built wheels in pip's folders, and find them by everything that the build read.

Every wheel that pip would cache is stored in pip's layout, so that both programs find each
other's wheels. What pip's key leaves out (config settings, variables, constraints, visible
distributions, the source's content) is in notes in the store's area `built/`: a wheel with
another key is skipped.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.model import wheel_name
from pipfast.model.direct_url import Origin
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.store.build_cache.build_key import BuildKey, source_of, storage_keys
from pipfast.store.build_cache.notes import Note, Notes
from pipfast.store.build_cache.pip_wheel_cache import folder_of
from pipfast.store.build_cache.wheel_rules import is_shown_to_pip, match, origin_at
from pipfast.store.build_cache.wheel_stores import AREA, OwnWheelStore, PipWheelStore, WheelStore
from pipfast.store.events import CachedWheelOfOtherProject
from pipfast.store.filesystem.atomic import copy, put, sha256_of
from pipfast.store.filesystem.owned_names import remove, temporary_folder, temporary_store_folder
from pipfast.store.filesystem.private_files import private_folder
from pipfast.store.filesystem.root import Store

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What is stored with a wheel: the source's version, and the build requirements.

    `requirements` are ``name==version``, for people to read.
    """

    version: str = ""
    requirements: tuple[str, ...] = ()


NO_RECORD = BuildRecord()


@dataclass(frozen=True, slots=True)
class CachedWheel:
    """A built wheel: the file to install, the folder that pip prints, and its origin.

    `origin` is None for a wheel of an old pip, which did not store it; `sha256` is the wheel's
    own, in hexadecimal. `version` is the source's before the build, empty for a wheel of pip.
    """

    path: Path
    folder: Path
    origin: Origin | None
    sha256: str
    version: str = ""


class BuiltWheelCache:
    """The built wheels in pip's cache directory; without one, those of this run.

    With `trusts_open`, a wheel in pip's folder from a build without isolation replaces an isolated
    build, as in pip.

    Use it in a with statement, or call `close`, which removes wheels that must not be found
    again. Safe for several threads and processes.
    """

    def __init__(
        self,
        cache_dir: str | None,
        store: Store,
        emit: Listener = silent,
        *,
        trusts_open: bool = False,
    ) -> None:
        self._notes = Notes(store, AREA)
        self._own = OwnWheelStore(store, self._notes)
        self._pip = None if cache_dir is None else PipWheelStore(cache_dir, self._notes, emit)
        self._emit = emit
        self._trusts_open = trusts_open
        self._temporary: str | None = None
        self._links: str | None = None
        self._root = str(store.root)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the wheels that were for this run only."""
        for folder in filter(None, (self._temporary, self._links)):
            remove(folder)
        self._temporary = self._links = None

    def find(
        self,
        link: Link,
        name: NormalizedName | None,
        tags: Sequence[Tag],
        key: BuildKey,
        *,
        trusts_other: bool = False,
    ) -> CachedWheel | None:
        """Return the wheel for `link`, None if it has to be built.

        As in pip, there is none for a folder, none without the project's `name`, and among
        several wheels the one with the best tag is used. A wheel that is known to have been
        built from other content or with other settings is skipped. With `source` in `key`, the
        same content is found under any link. The caller checks whether the user allows the
        source's digest, which is in the origin. With `trusts_other`, wheels in pip's folder are
        used whatever else their build read.
        """
        if link.is_file and link.path.is_dir():
            return None
        ranks = {tag: at for at, tag in enumerate(tags)}
        found: list[tuple[int, int, str, Path, Note]] = []
        for path, store in self._wheels(link, name, key):
            rank = self._rank(path, link, name, ranks)
            note = store.note(path, link, name, key) if rank is not None else None
            if rank is None or note is None:
                continue
            other = trusts_other and store is self._pip
            matched = match(note, link, key, trusts_open=self._trusts_open, trusts_other=other)
            if matched is not None:
                found.append((matched, rank, path.name, path, note))
        if not found:
            return None
        *_, path, note = min(found, key=lambda one: one[:4])
        own = self._linked(path)
        if own is None:
            return None
        origin = origin_at(link, note.origin)
        return CachedWheel(own, path.parent, origin, note.sha256, note.version)

    def keep(
        self,
        wheel: Path,
        link: Link,
        origin: Origin,
        key: BuildKey,
        record: BuildRecord = NO_RECORD,
    ) -> CachedWheel:
        """Store the file `wheel`, built from `link`, with the `record` of its build.

        It is only stored for this run if it came from a folder, an editable install, a branch
        (unless `source` in `key` identifies its content), or an archive without a version in its
        name. An unwritable cache is ignored. Raises OSError if no folder accepts it.
        """
        enclosed = key.enclosed.beside
        source = source_of(link, key)
        note = Note(sha256_of(wheel), key.beside, source, origin, record.version, enclosed)
        pip = self._pip if is_shown_to_pip(link, origin, key) else None
        store: WheelStore = pip if pip is not None and key.plain else self._own
        lasting = store.folder(link, origin, key)
        if lasting is not None and store is self._own:
            with suppress(OSError):
                private_folder(str(lasting))
        path = self._put(wheel, lasting, note, record.requirements) if lasting else None
        if path is None:
            folder = self.temporary_folder(link, key)
            return CachedWheel(put(wheel, folder), folder, origin, note.sha256)
        for stored_under in storage_keys(link, origin, key):
            self._notes.add_wheel(stored_under, path)
        placed = pip.place(path, link, origin, key, note) if pip is not None else None
        if placed is None:
            placed = self.temporary_folder(link, key)
            copy(path, placed)
        return CachedWheel(self._linked(path) or path, placed, origin, note.sha256)

    def temporary_folder(self, link: Link, key: BuildKey) -> Path:
        """Return this run's replacement for pip's folder."""
        with self._lock:
            if self._temporary is None:
                self._temporary = temporary_folder("pip-ephem-wheel-cache")
        return folder_of(self._temporary, link, key.python)

    def _linked(self, path: Path) -> Path | None:
        """Return a name of this run's own for a file in the cache, which others may remove.

        Returns `path` itself where links are not possible, None if it was removed.
        """
        try:
            with self._lock:
                if self._links is None:
                    self._links = temporary_store_folder(self._root)
            folder = Path(self._links, os.urandom(4).hex())
            folder.mkdir()
            os.link(path, folder / path.name)
        except OSError:
            return path if path.exists() else None
        return folder / path.name

    def _put(
        self, wheel: Path, folder: Path, note: Note, requirements: Sequence[str]
    ) -> Path | None:
        try:
            path = put(wheel, folder)
        except OSError:
            return None
        self._notes.write(path, note, requirements)
        return path

    def _wheels(
        self, link: Link, name: NormalizedName | None, key: BuildKey
    ) -> Iterator[tuple[Path, WheelStore]]:
        """Yield wheels that may have been built from `link`, each once, with their store."""
        stores: list[WheelStore] = [self._own] if self._pip is None else [self._pip, self._own]
        seen: set[Path] = set()
        for store in stores:
            for path in store.wheels(link, name, key):
                if path not in seen:
                    seen.add(path)
                    yield path, store

    def _rank(
        self, path: Path, link: Link, name: NormalizedName | None, ranks: Mapping[Tag, int]
    ) -> int | None:
        """Return the position of a wheel's best tag, lower is better; None if unsupported."""
        try:
            project, _, _, tags = wheel_name.parse(path.name)
        except wheel_name.InvalidWheelName:
            return None
        if name is not None and project != name:
            self._emit(CachedWheelOfOtherProject(path.name, link.described(), name))
            return None
        return min((ranks[tag] for tag in tags if tag in ranks), default=None)
