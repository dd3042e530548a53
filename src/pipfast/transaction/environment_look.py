"""What a plan was made from: another look, under the lock, shows whether it still holds."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pipfast.environment.presence import is_absence
from pipfast.model.frozen_dataclass import dataclass

_METADATA = (".dist-info", ".egg-info", ".egg-link", ".egg")


@dataclass(frozen=True, slots=True)
class EnvironmentLook:
    """The installed distributions in `paths`: path and inode of each metadata folder."""

    paths: tuple[str, ...]
    seen: frozenset[tuple[str, int]]

    def is_current(self) -> bool:
        """Return whether the same distributions are there now."""
        return look_at(self.paths) == self


def look_at(paths: Iterable[str]) -> EnvironmentLook:
    """Look at the folders `paths`; those that do not exist are empty. Raises OSError."""
    paths = tuple(paths)
    seen: set[tuple[str, int]] = set()
    for path in paths:
        seen.update(_metadata_in(path))
    return EnvironmentLook(paths, frozenset(seen))


def _metadata_in(path: str) -> list[tuple[str, int]]:
    try:
        with os.scandir(path or ".") as entries:
            return [(e.path, e.inode()) for e in entries if e.name.endswith(_METADATA)]
    except OSError as error:
        if is_absence(error, path):
            return []
        raise
