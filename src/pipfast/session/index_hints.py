"""What other indexes have, for whom it matters: the way out of a failure, and who won.

Where only the first index counts, a run may fail for want of what another index has. Before that is
said, it is tried: the same question is put to all indexes, silently, and without a build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from time import monotonic

from packaging.utils import NormalizedName

from pipfast.errors import InstallationError, PipfastError
from pipfast.fetch.downloads.downloader import Files
from pipfast.fetch.prefetch import Ahead
from pipfast.fetch.wheel_metadata.source import MetadataSource as Wheels
from pipfast.index.finder import Finder
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Sdist, Source, Wheel
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link, redact
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import Elsewhere, SearchAllIndexes
from pipfast.policy.network import IndexStrategy, NetworkPolicy
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.conflict_report import NoSolution
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import MetadataSource, Ports
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.port_adapters import Index

_PATIENCE = 10.0
"""For how long, in seconds, a way out is looked for."""


class Unknown(PipfastError):
    """Whether another index would help cannot be told without a build, or without more time."""


class Remembered:
    """A port for metadata that remembers what was told through it, by the link's address."""

    def __init__(self, source: MetadataSource) -> None:
        self._source = source
        self.told: dict[str, Metadata] = {}

    def built(self, distribution: Distribution, install_req: InstallRequirement) -> Link | None:
        """The wheel that an earlier run has built of it."""
        return self._source.built(distribution, install_req)

    def begin(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Begin to prepare what will be asked for."""
        self._source.begin(distribution, install_req)

    def of(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """The metadata of the very file that would be installed."""
        metadata = self._source.of(distribution, install_req, digests)
        self.told[distribution.link.url] = metadata
        return metadata


@dataclass(frozen=True, slots=True)
class OtherIndexes:
    """A failed question, and all that is needed to put it to every index.

    `told` is the metadata that is known already, by the link's address.
    """

    collected: CollectedRequirements
    ports: Ports
    finder: Finder
    told: Mapping[str, Metadata]

    def remedy(self, failure: InstallationError) -> SearchAllIndexes | None:
        """Return the releases with which best-match would succeed, None if it would not."""
        if not _is_narrow(self.collected.network):
            return None
        try:
            found = tuple(self._elsewhere(bold=isinstance(failure, NoSolution)))
        except PipfastError:
            return None
        return SearchAllIndexes(found) if found else None

    def _elsewhere(self, *, bold: bool) -> Iterator[Elsewhere]:
        """Yield the releases of a resolution over all indexes that first-index does not reach."""
        everywhere = self.finder.over_every_index()
        if not self._has_more(everywhere):
            return
        client, store = self.finder.client, self.finder.store
        hashed = self.collected.selection.require_hashes
        with (
            closing(Files(client, store)) as files,
            closing(Wheels(client, store, files, require_hashes=hashed)) as wheels,
        ):
            found = self._answer(everywhere, wheels, bold=bold)
        for one in found.pins:
            page = one.node.distribution.link.page
            if page is not None and not self.offers(one.name, page):
                yield Elsewhere(one.name, str(one.node.version), redact(page))

    def _has_more(self, everywhere: Finder) -> bool:
        """Whether any project that was looked at is on an index that was not."""
        projects = self.finder.looked_at
        for project in projects:
            everywhere.prefetch(project)
        return any(everywhere.pages(one) != self.finder.pages(one) for one in projects)

    def _answer(self, everywhere: Finder, wheels: Wheels, *, bold: bool) -> Resolution:
        selection = self.collected.selection
        unbuilt = _Unbuilt(self, wheels, bold=bold)
        ahead = Ahead(everywhere, unbuilt, self.ports.markers)
        index = Index(everywhere, ahead, selection, everywhere.tags)
        ports = replace(self.ports, index=index, metadata=unbuilt, emit=silent)
        return solve(self.collected.wanted, ports, selection)

    def offers(self, project: NormalizedName, page: str) -> bool:
        """Whether the strategy looks at `page` for `project`."""
        return page in self.finder.pages(project) or not page.startswith(("http:", "https:"))


class _Unbuilt:
    """A port for metadata under which nothing is built and nothing is said.

    Of a source that only another index has nobody knows what it needs: it counts as nothing. With
    `bold` that goes for every source; else one that failed to build would be thought to be well.
    """

    def __init__(self, question: OtherIndexes, wheels: Wheels, *, bold: bool) -> None:
        self._question = question
        self._wheels = wheels
        self._bold = bold
        self._until = monotonic() + _PATIENCE

    def built(self, distribution: Distribution, install_req: InstallRequirement) -> Link | None:
        """Nothing: that is for the lines alone."""
        del distribution, install_req
        return None

    def begin(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Nothing is prepared."""

    def of(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """The metadata as far as it can be had without a build.

        Raises Unknown.
        """
        link = distribution.link
        if monotonic() > self._until:
            raise Unknown("it takes too long")
        known = self._question.told.get(link.url)
        if known is not None:
            return known
        match distribution:
            case Wheel():
                return self._wheels.of(distribution, install_req.described(link), digests)
            case Source():
                raise Unknown(link.redacted)
            case Sdist(name=name, version=version):
                offered = link.page is None or self._question.offers(name, link.page)
                if offered and not self._bold:
                    raise Unknown(link.redacted)
                return Metadata(name=name, version=str(version))

    def prefetch(
        self, candidate: Candidate, then: Callable[[Metadata], object] | None = None, **_: bool
    ) -> bool:
        """Have the metadata of a wheel read."""
        return isinstance(candidate, Wheel) and self._wheels.prefetch(candidate, then)

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """The metadata as far as it can be had without asking anyone."""
        return self._wheels.at_hand(candidate)

    def close(self) -> None:
        """Nothing to do: whoever has opened the wheels closes them."""


def tell_who_won(answer: Resolution, finder: Finder, emit: Listener) -> None:
    """Say for each project of `answer` that several indexes have where it is taken from.

    Dependency confusion begins with such a project: it is shown with ``-v``.
    """
    if len(set(finder.client.policy.index_urls)) < 2:
        return
    for one in answer.pins:
        link = one.node.distribution.link
        if one.install_req.link is not None:
            continue
        pages = finder.pages(one.name)
        if len(pages) < 2:
            continue
        others = ", ".join(redact(page) for page in pages if page != link.page)
        taken = redact(link.page) if link.page else link.redacted
        text = f"{one.name} is on {len(pages)} indexes: {one.node.version} is taken from {taken}"
        emit(Said(Level.VERBOSE, f"{text}, not from {others}"))


def _is_narrow(network: NetworkPolicy) -> bool:
    return network.strategy is IndexStrategy.FIRST_INDEX and len(set(network.index_urls)) > 1
