"""Working ahead of the resolver: pages and metadata that it will most likely ask for.

What is fetched here never changes what is chosen; a guess that was wrong has cost a request.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import PipfastError
from pipfast.index.candidates import Found
from pipfast.index.finder import Finder
from pipfast.model.distribution import Candidate
from pipfast.model.metadata import Metadata


class Reader(Protocol):
    """Reads metadata ahead of time."""

    def prefetch(
        self,
        candidate: Candidate,
        then: Callable[[Metadata], object] | None = None,
        *,
        surely: bool = False,
    ) -> bool:
        """Have the metadata read, without waiting; whether that takes time.

        `surely` is for a candidate that will be asked for unless all the world changes: what takes
        long is begun for it too.
        """
        ...

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """The metadata as far as it can be had without asking anyone."""
        ...

    def close(self) -> None:
        """Stop working ahead."""
        ...


class Ahead:
    """Follows the likeliest candidates down the graph while their pages come in.

    `markers` are the target's. No index is asked for the projects of `direct`, which are taken
    from an address of their own, nor for what `stays`: the resolver will not ask for it either.
    Where everything is at hand already no thread is started.
    """

    def __init__(
        self,
        finder: Finder,
        source: Reader,
        markers: Mapping[str, str],
        direct: Container[NormalizedName] = (),
        stays: Callable[[Requirement], bool] = lambda _: False,
    ) -> None:
        self._finder = finder
        self._source = source
        self._markers = markers
        self._direct = direct
        self._stays = stays
        self._seen: set[tuple[NormalizedName, frozenset[str]]] = set()

    def expect(self, requirements: Iterable[Requirement]) -> None:
        """Begin to fetch what a resolution of `requirements` will ask for."""
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
        """Stop working ahead."""
        self._finder.close()
        self._source.close()

    def _begin(self, name: NormalizedName, requirement: Requirement, *, surely: bool) -> None:
        found = self._finder.prefetch(
            name, lambda found: self._follow(found, requirement, waited=True, surely=surely)
        )
        if found is not None:
            self._follow(found, requirement, waited=False, surely=surely)

    def _follow(
        self, found: Found, requirement: Requirement, *, waited: bool, surely: bool
    ) -> None:
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
        descend = lambda metadata: self._descend(metadata, extras)  # noqa: E731
        begun = self._source.prefetch(candidate, descend, surely=surely)
        if waited and not begun:
            metadata = self._source.at_hand(candidate)
            if metadata is not None:
                self._descend(metadata, extras)

    def _descend(self, metadata: Metadata, extras: tuple[str, ...]) -> None:
        try:
            self._expect(list(metadata.dependencies(extras, self._markers)), surely=False)
        except InvalidRequirement:
            return
