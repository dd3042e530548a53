"""What a run knows about a source, and where its metadata may come from."""

from __future__ import annotations

from collections.abc import Iterator

from pipfast.model.frozen_dataclass import dataclass
from pipfast.sources.prepared_source import CompletedSource, MetadataOrigin
from pipfast.store.build_cache.built_wheel_cache import CachedWheel


@dataclass(frozen=True, slots=True)
class Cached:
    """A wheel that was built in an earlier run, or by pip, is used."""

    wheel: CachedWheel


@dataclass(frozen=True, slots=True)
class Uncached:
    """No cached wheel can be used: the source has to be prepared.

    `speculative` is true as long as it was only prepared ahead, for no requirement.
    """

    speculative: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """The source was prepared with more visible modules than it declares."""

    source: CompletedSource


@dataclass(frozen=True, slots=True)
class WheelBuilt:
    """The wheel exists; `source` is set if it saw more modules than the source declares."""

    wheel: CachedWheel
    source: CompletedSource | None = None


SourceState = Cached | Uncached | Completed | WheelBuilt


@dataclass(frozen=True, slots=True)
class UseWheel:
    """The wheel exists."""

    wheel: CachedWheel


@dataclass(frozen=True, slots=True)
class FindWheel:
    """Look for a cached wheel that was built with the modules that `source` saw."""

    source: CompletedSource


@dataclass(frozen=True, slots=True)
class BuildWheel:
    """Build the wheel."""


def next_step(state: SourceState) -> UseWheel | FindWheel | BuildWheel:
    """Return the next step towards the wheel of a source."""
    match state:
        case Cached(wheel) | WheelBuilt(wheel):
            return UseWheel(wheel)
        case Completed(source):
            return FindWheel(source)
        case Uncached():
            return BuildWheel()


def completed_source(state: SourceState | None) -> CompletedSource | None:
    """Return the source with the modules that were made visible to it, None if there are none."""
    match state:
        case Completed(source) | WheelBuilt(source=source):
            return source
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationFacts:
    """What decides where the metadata of a source may come from.

    `is_repeated` is true for a build that sees more modules than the source declares,
    `is_configured` if there are config settings. `trusts_static` and `trusts_stored` are the
    run's policy.
    """

    is_repeated: bool = False
    is_configured: bool = False
    is_editable: bool = False
    trusts_static: bool = True
    trusts_stored: bool = True


def metadata_origins(facts: PreparationFacts) -> Iterator[MetadataOrigin]:
    """Yield where the metadata may come from, the cheapest first. The backend always has it."""
    if facts.trusts_static and not facts.is_repeated and not facts.is_configured:
        yield MetadataOrigin.STATIC
    if facts.is_repeated:
        yield MetadataOrigin.CACHED_WHEEL
    elif facts.trusts_stored and not facts.is_editable:
        yield MetadataOrigin.STORED
    yield MetadataOrigin.BACKEND
