"""Fetch pages and metadata ahead of the resolver.

Prefetching never changes the result; a wrong guess only costs a request.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import PipfastError
from pipfast.index.candidates import Candidates
from pipfast.index.finder import Finder
from pipfast.model.distribution import Candidate
from pipfast.model.metadata import Metadata


class MetadataPrefetcher(Protocol):
    """Reads metadata in advance."""

    def prefetch(
        self,
        candidate: Candidate,
        then: Callable[[Metadata], object] | None = None,
        *,
        surely: bool = False,
    ) -> bool:
        """Start reading the metadata without waiting; return whether that takes time.

        `surely` is for a candidate that will almost certainly be needed: expensive work is
        started for it too.
        """
        ...

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """Return the metadata if it is available without a request."""
        ...

    def close(self) -> None:
        """Stop prefetching."""
        ...


class Prefetcher:
    """Follows the most probable candidates down the dependency graph as their pages arrive.

    `markers` are the target's. No index is requested for projects in `direct`, which have an
    address of their own, nor for those that stay installed: the resolver will not request them
    either. Without `dependencies` (``--no-deps``) it fetches what was asked for and nothing below.
    If everything is cached, no thread is started.
    """

    def __init__(
        self,
        finder: Finder,
        source: MetadataPrefetcher,
        markers: Mapping[str, str],
        direct: Container[NormalizedName] = (),
        stays: Callable[[Requirement], bool] = lambda _: False,
        *,
        dependencies: bool = True,
    ) -> None:
        self._finder = finder
        self._source = source
        self._markers = markers
        self._direct = direct
        self._stays = stays
        self._dependencies = dependencies
        self._seen: set[tuple[NormalizedName, frozenset[str]]] = set()

    def expect(self, requirements: Iterable[Requirement]) -> None:
        """Start fetching what a resolution of `requirements` will need."""
        self._expect(requirements, surely=True)

    def _expect(self, requirements: Iterable[Requirement], *, surely: bool) -> None:
        for requirement in requirements:
            name = canonicalize_name(requirement.name)
            key = (name, frozenset(requirement.extras))
            if requirement.url is not None or name in self._direct or key in self._seen:
                continue
            if not self._stays(requirement):
                self._seen.add(key)
                self._begin(name, requirement, surely=surely)

    def close(self) -> None:
        """Stop prefetching."""
        self._finder.close()
        self._source.close()

    def _begin(self, name: NormalizedName, requirement: Requirement, *, surely: bool) -> None:
        found = self._finder.prefetch(
            name, lambda found: self._follow(found, requirement, waited=True, surely=surely)
        )
        if found is not None:
            self._follow(found, requirement, waited=False, surely=surely)

    def _follow(
        self, found: Candidates, requirement: Requirement, *, waited: bool, surely: bool
    ) -> None:
        """Read the metadata of the most probable candidate, then its dependencies.

        If the page had to be fetched, cached metadata is followed too, because further pages
        will have to be fetched as well. If everything is cached, the resolver is as fast on its
        own.
        """
        extras = tuple(sorted(requirement.extras))
        try:
            candidate = next(found.candidates(requirement.specifier), None)
        except PipfastError:
            return  # it will be raised again when it is needed
        if candidate is None:
            return
        descend = lambda metadata: self._descend(metadata, extras)  # noqa: E731
        begun = self._source.prefetch(candidate, descend, surely=surely)
        if waited and not begun:
            metadata = self._source.at_hand(candidate)
            if metadata is not None:
                self._descend(metadata, extras)

    def _descend(self, metadata: Metadata, extras: tuple[str, ...]) -> None:
        if not self._dependencies:
            return
        try:
            self._expect(list(metadata.dependencies(extras, self._markers)), surely=False)
        except InvalidRequirement:
            return
