"""The folder that ``download`` and ``wheel`` fill: existing files, and new ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.hash_check import digests_of
from pipfast.fetch.events import FileInDestination, FileInDestinationReplaced
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, silent
from pipfast.model.link import Link
from pipfast.store.filesystem.owned_names import sweep, unused_name


class Destination:
    """A user's folder; files that exist in it are not fetched again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_bare(self) -> bool:
        """Return whether there is no file that could match a link."""
        try:
            with os.scandir(self.folder) as entries:
                return not any(entry.is_file() for entry in entries)
        except OSError:
            return True

    def holds(self, link: Link) -> bool:
        """Return whether there is something at the path where the file of `link` would be saved."""
        return self.place(link.filename).exists()

    def place(self, filename: str) -> Path:
        """Return the path for a file of that name.

        Raises InstallationError for an invalid name, so that nothing is written outside the
        folder.
        """
        if not filename or filename != os.path.basename(filename):  # noqa: PTH119 - "a/" has none
            raise InstallationError(f"Unexpected file name derived from URL: {filename!r}")
        return self.folder / filename

    def look(
        self,
        link: Link,
        expected: Sequence[Digest],
        emit: Listener = silent,
        *,
        silently: bool = False,
    ) -> tuple[Path, tuple[Digest, ...]] | None:
        """Return the existing file of `link` with its digests if it matches one of `expected`.

        A file that does not match is removed, with a message unless `silently` (pip behaviour).
        Raises OSError.
        """
        path = self.place(link.filename)
        if not path.exists():
            return None
        emit(FileInDestination(path))
        digests = digests_of(path, expected)
        if expected and not set(expected) & set(digests):
            if not silently:
                emit(FileInDestinationReplaced(path))
            path.unlink()
            return None
        return path, digests

    def save(self, source: Path, link: Link, *, ours: bool) -> Path | None:
        """Move the file `source` of `link` here; return its path, None if a file exists.

        The operation is atomic. A file that is `ours` may be moved; a copy of a user's file
        keeps its mode (pip behaviour). Raises OSError.
        """
        place = self.place(link.filename)
        if place.exists():
            return None
        if ours:
            with suppress(OSError):  # another file system
                source.replace(place)
                return place
        _copy(source, place, with_mode=link.is_local)
        return place

    def put(self, wheel: Path) -> Path:
        """Copy a built wheel here and replace a file with its name; return its path.

        Raises OSError.
        """
        place = self.place(wheel.name)
        _copy(wheel, place, with_mode=True)
        return place


def _copy(source: Path, place: Path, *, with_mode: bool) -> None:
    sweep(str(place.parent))
    aside = place.with_name(unused_name(".pipfast"))
    try:
        shutil.copyfile(source, aside)
        if with_mode:
            shutil.copymode(source, aside)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)
