"""What the store knows of packs, which have the bytecode of a wheel from another machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.wheels.manifest import Archive

PackedModule = tuple[int, int, int]
"""Number of a module in the archive, bytes of its source, and of its code; 0 if it has none."""


class UnusablePack(Exception):
    """A file is no pack for the archive and interpreter."""


@dataclass(frozen=True, slots=True)
class Block:
    """Compressed code of some modules in a pack: where it begins, and its bytes there."""

    offset: int
    packed: int
    modules: tuple[PackedModule, ...]


class Packs(Protocol):
    """Gives bytecode that other machines compiled, and takes what was compiled here.

    `digest` is the SHA-256 of a wheel. Called by one thread.
    """

    def expect(self, digest: str, filename: str, size: int | None) -> None:
        """Begin to look for the pack of a wheel of `size` bytes, None if that is not known."""
        ...

    def may_come(self, digest: str) -> bool:
        """Return whether there may be a pack for a wheel. Does not wait."""
        ...

    def get(self, archive: Archive) -> str | None:
        """Return the file of the pack for an archive, None if there is none. May wait."""
        ...

    def blocks(self, archive: Archive, path: str) -> Sequence[Block]:
        """Return what the pack `path` contains. Raises UnusablePack."""
        ...

    def refuse(self, archive: Archive) -> None:
        """Take note that the pack of an archive cannot be used."""
        ...

    def used(self, archive: Archive) -> None:
        """Take note that an archive got its bytecode from its pack."""
        ...

    def compiled(self, archive: Archive, seconds: float) -> None:
        """Take note of an archive that was compiled here, in so many processor seconds."""
        ...

    def report(self) -> None:
        """Report the lookups, once all archives have bytecode."""
        ...


class NoPacks:
    """Nothing is shared."""

    def expect(self, digest: str, filename: str, size: int | None) -> None:
        """Do nothing."""

    def may_come(self, digest: str) -> bool:
        """Return False."""
        del digest
        return False

    def get(self, archive: Archive) -> str | None:
        """Return None."""
        del archive
        return None

    def blocks(self, archive: Archive, path: str) -> Sequence[Block]:
        """Raise UnusablePack."""
        del archive, path
        raise UnusablePack

    def refuse(self, archive: Archive) -> None:
        """Do nothing."""

    def used(self, archive: Archive) -> None:
        """Do nothing."""

    def compiled(self, archive: Archive, seconds: float) -> None:
        """Do nothing."""

    def report(self) -> None:
        """Do nothing."""


NO_PACKS = NoPacks()


def sha256_of_wheel(archive: Archive) -> str:
    """Return the digest by which the store names an archive."""
    return os.path.basename(archive.folder)
