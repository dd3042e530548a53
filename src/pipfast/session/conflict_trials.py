"""Find which of the user's requirements has to be loosened, by trying.

The resolution is repeated without one of the user's version specifiers, for a bounded number of
requirements and a bounded time. Nothing is printed, built or installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from time import monotonic

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import PipfastError, Remedy
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.prefetch import Prefetcher
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.index.finder import Finder
from pipfast.model.events import silent
from pipfast.model.failure_hints import LoosenRequirement
from pipfast.model.frozen_dataclass import replace
from pipfast.model.metadata import Metadata
from pipfast.model.user_requirement import FileLine, UserRequirement
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.other_indexes import MetadataWithoutBuilds, OtherIndexes
from pipfast.session.port_adapters import Index

_MOST_TRIALS = 6
_TIME_LIMIT = 8.0
"""Seconds after which no further trial begins; one trial ends after 10 seconds at most."""


def loosened(
    projects: Sequence[NormalizedName],
    collected: CollectedRequirements,
    ports: Ports,
    finder: Finder,
    known: Mapping[str, Metadata],
) -> Iterator[Remedy]:
    """Yield the first of the user's requirements without whose specifier all others resolve.

    `projects` are those of the conflict; requirements of them are tried first.
    """
    if collected.selection.require_hashes:
        return
    search = OtherIndexes(collected, ports, finder, known)
    until = monotonic() + _TIME_LIMIT
    for one in _candidates(collected.wanted, projects)[:_MOST_TRIALS]:
        if monotonic() > until:
            return
        answer = _without(one, search)
        version = _version_of(one, answer) if answer is not None else None
        if version is not None:
            yield _hint(one, version)
            return


def _candidates(
    wanted: Sequence[UserRequirement], projects: Sequence[NormalizedName]
) -> list[UserRequirement]:
    """Return requirements with a specifier: those of the conflict first, then exact pins."""
    loose = [one for one in wanted if has_specifier(one)]
    return sorted(loose, key=lambda one: (one.name not in projects, not _is_pin(one)))


def _is_pin(one: UserRequirement) -> bool:
    return "==" in one.text


def _without(one: UserRequirement, search: OtherIndexes) -> Resolution | None:
    """Return the resolution without the specifier of `one`, None if there is none."""
    wanted = [without_specifier(one) if each is one else each for each in search.collected.wanted]
    try:
        return resolved_silently(wanted, search)
    except PipfastError:
        return None


def has_specifier(one: UserRequirement) -> bool:
    """Return whether a requirement has a specifier that could be loosened."""
    return one.link is None and one.requirement is not None and bool(one.requirement.specifier)


def without_specifier(one: UserRequirement) -> UserRequirement:
    """Return a requirement that any version satisfies."""
    bare = Requirement(str(one.requirement))
    bare.specifier = SpecifierSet()
    return replace(one, requirement=bare, text=str(bare))


def resolved_silently(wanted: Sequence[UserRequirement], search: OtherIndexes) -> Resolution:
    """Return the resolution of `wanted` in place of the run's own requirements.

    Raises NoSolution, and NotDetermined or another PipfastError if that is not certain.
    """
    finder, client = replace(search.finder, emit=silent), search.finder.client
    selection = search.collected.selection
    with (
        closing(Downloader(client, finder.store)) as files,
        closing(WheelMetadataReader(client, finder.store, files, require_hashes=False)) as wheels,
        closing(finder),
    ):
        metadata = MetadataWithoutBuilds(search, wheels, unbuilt=False)
        follows = selection.dependencies
        ahead = Prefetcher(finder, metadata, search.ports.markers, dependencies=follows)
        index = Index(finder, ahead, selection, finder.tags)
        ports = replace(search.ports, index=index, metadata=metadata, emit=silent, history=None)
        return solve(wanted, ports, selection)


def _version_of(one: UserRequirement, answer: Resolution) -> str | None:
    return next((str(pin.node.version) for pin in answer.pins if pin.name == one.name), None)


def _hint(one: UserRequirement, version: str) -> LoosenRequirement:
    assert one.requirement is not None, "only requirements with a specifier are tried"
    extras = f"[{','.join(sorted(one.requirement.extras))}]" if one.requirement.extras else ""
    marker = f"; {one.requirement.marker}" if one.requirement.marker else ""
    origin = one.origin
    place = f"{origin.path} line {origin.line}" if isinstance(origin, FileLine) else ""
    return LoosenRequirement(
        requirement=f"{one.requirement.name}{extras}{one.requirement.specifier}",
        replacement=f"{canonicalize_name(one.requirement.name)}{extras}=={version}{marker}",
        place=place,
        is_constraint=one.constraint,
    )
