"""The folder that ``download`` and ``wheel`` fill: what lies in it already, and what comes in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.hash_check import digests_of
from pipfast.model.digest import Digest
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.link import Link


class Destination:
    """A folder of the user's, in which a file that is there already is not fetched again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_bare(self) -> bool:
        """Whether there is no file at all that a link could be found to be."""
        try:
            with os.scandir(self.folder) as entries:
                return not any(entry.is_file() for entry in entries)
        except OSError:
            return True

    def holds(self, link: Link) -> bool:
        """Whether something lies where the file of `link` would be saved."""
        return self.place(link.filename).exists()

    def place(self, filename: str) -> Path:
        """Where a file of that name is saved.

        Raises InstallationError for a name that is none, so that nothing leads out of the folder.
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
        """The file of `link` if it lies here and has one of `expected`, with its digests.

        One that has none of them is removed, and that is told unless `silently` (pip behaviour).
        Raises OSError.
        """
        path = self.place(link.filename)
        if not path.exists():
            return None
        emit(Said(Level.INFO, f"  File was already downloaded {path}"))
        digests = digests_of(path, expected)
        if expected and not set(expected) & set(digests):
            if not silently:
                text = f"  Previously-downloaded file {path} has bad hash. Re-downloading."
                emit(Said(Level.WARNING, text))
            path.unlink()
            return None
        return path, digests

    def save(self, source: Path, link: Link, *, ours: bool) -> Path | None:
        """Put in the file `source` of `link`; its place, None if there was a file before.

        It is there whole or not at all. A file that is `ours` may go away on the way; the copy of a
        user's own has its mode (pip behaviour). Raises OSError.
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
        """Put in a copy of a wheel that was built, over what has its name; its place.

        Raises OSError.
        """
        place = self.place(wheel.name)
        _copy(wheel, place, with_mode=True)
        return place


def _copy(source: Path, place: Path, *, with_mode: bool) -> None:
    aside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, aside)
        if with_mode:
            shutil.copymode(source, aside)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)
