"""Which wheels may be used again, and which pip may see; without input or output."""

from __future__ import annotations

from enum import IntEnum

from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.store.build_cache.build_key import BuildKey, source_of
from pipfast.store.build_cache.notes import Note
from pipfast.store.build_cache.pip_wheel_cache import is_kept, subdirectory_of


class Match(IntEnum):
    """How well a cached wheel answers a build; lower is better."""

    EXACT = 0
    OPEN = 1
    """It comes from a build without isolation that read the same otherwise."""
    OTHER = 2
    """It comes from a build of the same source that read other settings or modules."""


def match(
    note: Note, link: Link, key: BuildKey, *, trusts_open: bool, trusts_other: bool = False
) -> Match | None:
    """Return how the wheel with `note` answers a build of `link`; None if it does not.

    With `trusts_open`, a build without isolation replaces an isolated one, with `trusts_other` any
    build of the same source replaces another one, as in pip.
    """
    if not _may_be_equal(note.source, source_of(link, key)):
        return None
    if note.beside == key.beside:
        return Match.EXACT
    if trusts_open and note.enclosed == key.beside:
        return Match.OPEN
    return Match.OTHER if trusts_other else None


def is_shown_to_pip(link: Link, origin: Origin, key: BuildKey) -> bool:
    """Return whether a wheel may be placed in pip's cache.

    pip has to cache such a wheel itself, and the build must not have seen what only pipfast gives
    it, because pip would install the wheel for any other build.
    """
    return is_kept(link, origin) and not (key.variables or key.against)


def origin_at(link: Link, origin: Origin | None) -> Origin | None:
    """Return `origin` for the address `link`, because an archive may have several addresses."""
    if isinstance(origin, ArchiveOrigin):
        return replace(origin, url=link.url, subdirectory=subdirectory_of(link))
    return origin


def _may_be_equal(one: str, other: str) -> bool:
    """Return whether two sources may be equal: all comparable parts agree."""
    comparable = one.partition(":")[0] == other.partition(":")[0]
    return one == other or not comparable or not one or not other
