"""Working ahead of the resolver: pages and metadata that it will most likely ask for.

What is fetched here never changes what is chosen; a guess that was wrong has cost a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import PipfastError
from pipfast.fetch.metadata import MetadataSource
from pipfast.index.finder import Finder
from pipfast.index.found import Found
from pipfast.model.metadata import Metadata


class Ahead:
    """Follows the likeliest candidates down the graph while their pages come in.

    `markers` are the target's. Where everything is at hand already no thread is started.
    """

    def __init__(self, finder: Finder, source: MetadataSource, markers: Mapping[str, str]) -> None:
        self._finder = finder
        self._source = source
        self._markers = markers
        self._seen: set[tuple[NormalizedName, frozenset[str]]] = set()

    def expect(self, requirements: Iterable[Requirement]) -> None:
        """Begin to fetch what a resolution of `requirements` will ask for."""
        for requirement in requirements:
            name = canonicalize_name(requirement.name)
            key = (name, frozenset(requirement.extras))
            if requirement.url is None and key not in self._seen:
                self._seen.add(key)
                self._begin(name, requirement)

    def close(self) -> None:
        """Stop working ahead."""
        self._finder.close()
        self._source.close()

    def _begin(self, name: NormalizedName, requirement: Requirement) -> None:
        found = self._finder.prefetch(
            name, lambda found: self._follow(found, requirement, waited=True)
        )
        if found is not None:
            self._follow(found, requirement, waited=False)

    def _follow(self, found: Found, requirement: Requirement, *, waited: bool) -> None:
        """Have the metadata of the likeliest candidate read, then what it needs.

        Where the page was waited for, metadata at hand is followed too: the pages it leads to
        will have to be waited for as well. Where all is at hand the resolver is as fast itself.
        """
        extras = tuple(sorted(requirement.extras))
        try:
            candidate = next(found.candidates(requirement.specifier), None)
        except PipfastError:
            return  # it will be raised again where it is wanted
        if candidate is None:
            return
        begun = self._source.prefetch(candidate, lambda metadata: self._descend(metadata, extras))
        if waited and not begun:
            metadata = self._source.at_hand(candidate)
            if metadata is not None:
                self._descend(metadata, extras)

    def _descend(self, metadata: Metadata, extras: tuple[str, ...]) -> None:
        try:
            self.expect(list(metadata.dependencies(extras, self._markers)))
        except InvalidRequirement:
            return
