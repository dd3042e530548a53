"""What other indexes have: a remedy for failures, and which index a project is from.

With the strategy first-index a run may fail because only another index has what it needs. Before
such a failure is reported, the requirements are resolved with all indexes, silently and without
builds. If that succeeds, the remedy is the setting that makes every index count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from time import monotonic

from packaging.utils import NormalizedName

from pipfast.errors import InstallationError, PipfastError, Remedy
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.prefetch import Prefetcher
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader as WheelMetadata
from pipfast.index.events import OnSeveralIndexes, SharedProject
from pipfast.index.finder import Finder, IndexFailed
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Sdist, Source, Wheel
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link, redact
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import Elsewhere, SearchAllIndexes
from pipfast.policy.network import IndexStrategy, NetworkPolicy
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.errors import NoSolution
from pipfast.resolve.events import IndexChosen
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import MetadataSource, Ports
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.port_adapters import Index

_TIME_LIMIT = 10.0  # seconds for the search for a remedy


class NotDetermined(PipfastError):
    """Only a build, or more time, could tell whether other indexes would help."""


class KnownMetadata:
    """A metadata port that records what it returned, by the URL of the distribution."""

    def __init__(self, source: MetadataSource) -> None:
        self._source = source
        self.known: dict[str, Metadata] = {}

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        """Return the wheel that an earlier run built of it."""
        return self._source.cached_wheel(distribution, install_req)

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Start to prepare a distribution whose metadata will be requested."""
        self._source.prepare(distribution, install_req)

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """Return the metadata of a distribution."""
        metadata = self._source.read(distribution, install_req, digests)
        self.known[distribution.link.url] = metadata
        return metadata


@dataclass(frozen=True, slots=True)
class OtherIndexes:
    """A failed resolution, to be repeated with every index.

    `known` is the metadata that the run has read so far, by URL.
    """

    collected: CollectedRequirements
    ports: Ports
    finder: Finder
    known: Mapping[str, Metadata]

    def remedies(self, failure: InstallationError) -> tuple[Remedy, ...]:
        """Return the setting best-match as a remedy if it leads to a resolution, else nothing.

        If an index failed, that is needed only if it is not enough to skip indexes that fail.
        """
        if not _is_first_index(self.collected.network):
            return ()
        search = self
        if isinstance(failure, IndexFailed):
            search = replace(self, finder=self.finder.over_working_indexes())
            if search.has_solution():
                return ()
        try:
            releases = tuple(search._releases(unbuilt=isinstance(failure, NoSolution)))  # noqa: SLF001
        except PipfastError:
            return ()
        return (SearchAllIndexes(releases),) if releases else ()

    def has_solution(self) -> bool:
        """Return whether the finder's indexes lead to a resolution, as far as is known."""
        try:
            self._resolved(self.finder, unbuilt=False)
        except PipfastError:
            return False
        return True

    def _releases(self, *, unbuilt: bool) -> Iterator[Elsewhere]:
        """Yield the releases of the new resolution from pages that first-index does not search."""
        all_indexes = self.finder.over_every_index()
        if not self._has_more(all_indexes):
            return
        resolution = self._resolved(all_indexes, unbuilt=unbuilt)
        for pin in resolution.pins:
            page = pin.node.distribution.link.page
            if page is not None and not self.is_searched(pin.name, page):
                yield Elsewhere(pin.name, str(pin.node.version), redact(page))

    def _resolved(self, finder: Finder, *, unbuilt: bool) -> Resolution:
        client, store = finder.client, finder.store
        hashed = self.collected.selection.require_hashes
        with (
            closing(Downloader(client, store)) as files,
            closing(WheelMetadata(client, store, files, require_hashes=hashed)) as wheels,
        ):
            return self._resolve(finder, wheels, unbuilt=unbuilt)

    def _has_more(self, all_indexes: Finder) -> bool:
        """Return whether another index has a project that the run has searched for."""
        projects = self.finder.looked_at
        for project in projects:
            all_indexes.prefetch(project)
        return any(all_indexes.pages(project) != self.finder.pages(project) for project in projects)

    def _resolve(self, all_indexes: Finder, wheels: WheelMetadata, *, unbuilt: bool) -> Resolution:
        selection = self.collected.selection
        metadata = MetadataWithoutBuilds(self, wheels, unbuilt=unbuilt)
        follows = selection.dependencies
        ahead = Prefetcher(all_indexes, metadata, self.ports.markers, dependencies=follows)
        index = Index(all_indexes, ahead, selection, all_indexes.tags)
        ports = replace(self.ports, index=index, metadata=metadata, emit=silent)
        return solve(self.collected.wanted, ports, selection)

    def is_searched(self, project: NormalizedName, page: str) -> bool:
        """Return whether first-index searches `page` for `project`."""
        return page in self.finder.pages(project) or not page.startswith(("http:", "https:"))


class MetadataWithoutBuilds:
    """A metadata port that builds nothing and emits nothing.

    An sdist that only another index has counts as one without requirements. With `unbuilt` every
    sdist does. Otherwise one that failed to build would count as a working one.
    """

    def __init__(self, search: OtherIndexes, wheels: WheelMetadata, *, unbuilt: bool) -> None:
        self._search = search
        self._wheels = wheels
        self._unbuilt = unbuilt
        self._until = monotonic() + _TIME_LIMIT

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        """Return nothing: only messages depend on it."""
        del distribution, install_req
        return None

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Do nothing."""

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """Return the metadata if that needs no build. Raises NotDetermined."""
        link = distribution.link
        if monotonic() > self._until:
            raise NotDetermined("it takes too long")
        known = self._search.known.get(link.url)
        if known is not None:
            return known
        match distribution:
            case Wheel():
                return self._wheels.of(distribution, install_req.described(link), digests)
            case Source():
                raise NotDetermined(link.filename)
            case Sdist(name=name, version=version):
                searched = link.page is None or self._search.is_searched(name, link.page)
                if searched and not self._unbuilt:
                    raise NotDetermined(link.filename)
                return Metadata(name=name, version=str(version))

    def prefetch(
        self, candidate: Candidate, then: Callable[[Metadata], object] | None = None, **_: bool
    ) -> bool:
        """Read the metadata of a wheel ahead of time; return whether that takes time."""
        return isinstance(candidate, Wheel) and self._wheels.prefetch(candidate, then)

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """Return the metadata if they are cached."""
        return self._wheels.at_hand(candidate)

    def close(self) -> None:
        """Do nothing: the caller closes the wheels."""


def emit_chosen_indexes(resolution: Resolution, finder: Finder, emit: Listener) -> None:
    """Emit for each project that several indexes have which one its release is from.

    Dependency confusion attacks use such projects. The messages are shown with ``-v``. One warning
    names those of which the indexes that were not used have other versions.
    """
    if len(set(finder.client.policy.index_urls)) < 2:
        return
    shared: list[SharedProject] = []
    for pin in resolution.pins:
        if pin.install_req.link is not None:
            continue
        link = pin.node.distribution.link
        page = link.page or link.url
        others = [each for each in finder.pages(pin.name) if each != page]
        unused = finder.shared(pin.name)
        if unused is not None:
            shared.append(unused)
            others += unused.others
        if others:
            version, redacted = str(pin.node.version), tuple(map(redact, others))
            emit(IndexChosen(pin.name, version, redact(page), redacted))
    if shared:
        emit(OnSeveralIndexes(tuple(shared)))


def _is_first_index(network: NetworkPolicy) -> bool:
    return network.strategy is IndexStrategy.FIRST_INDEX and len(set(network.index_urls)) > 1
