"""Remove from a cache directory what no environment and no recent run uses."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.cache_entries import CacheEntry, Kind, cache_entries
from pipfast.store.filesystem.root import located
from pipfast.store.inventory import Removal

RECENT_DAYS = 30
"""Days after the last use in which an entry is kept, unless the user says otherwise."""

_DAY = 86_400.0
_NEVER = frozenset({Kind.BUILT, Kind.REPORTS, Kind.CHANGES, Kind.COMMANDS, Kind.OTHER})
"""What `prune` keeps: wheels that were built here, and what other commands manage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """Which entries go and which stay."""

    removed: tuple[CacheEntry, ...]
    kept: tuple[CacheEntry, ...]


def pruning(cache_dir: Path, *, days: float = RECENT_DAYS, only_builds: bool = False) -> Pruning:
    """Decide what to remove: entries not used for `days`, which no environment shares.

    With `only_builds`, everything that can be downloaded again is removed, used or not.
    Environments keep the files that they share, which are hard links.
    """
    oldest = time.time() - days * _DAY
    removed: list[CacheEntry] = []
    kept: list[CacheEntry] = []
    for one in cache_entries(cache_dir):
        goes = one.kind not in _NEVER and (only_builds or _is_unused(one, oldest))
        (removed if goes else kept).append(one)
    return Pruning(removed=tuple(removed), kept=tuple(kept))


def prune(cache_dir: Path, goes: Sequence[CacheEntry]) -> tuple[CacheEntry, ...]:
    """Remove entries, and return those that were; build environments in use stay.

    Raises OSError.
    """
    removal = Removal()
    root = str(located(str(cache_dir)).root)
    for one in goes:
        if one.path.is_dir():
            removal.remove_whole(one.path, root)
        else:
            removal.unlink([one.path])
    removal.remove_folders(_emptied(goes, cache_dir))
    return tuple(one for one in goes if not one.path.exists())


def _is_unused(one: CacheEntry, oldest: float) -> bool:
    is_shared = one.kind is Kind.UNPACKED and one.shared > 0
    return one.kind is Kind.ABANDONED or (one.used < oldest and not is_shared)


def _emptied(goes: Iterable[CacheEntry], cache_dir: Path) -> list[Path]:
    """Return the folders above removed entries, deepest first."""
    above = {folder for one in goes for folder in one.path.parents if cache_dir in folder.parents}
    return sorted(above, key=lambda folder: len(folder.parts), reverse=True)
