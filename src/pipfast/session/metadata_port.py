"""The resolver's port for metadata: read out of wheels, or obtained by preparing sources.

If the index has a metadata file for an sdist (PEP 658), the metadata come from it. The sdist is
fetched and prepared once it is chosen (pip behaviour).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeGuard

from packaging.utils import NormalizedName

from pipfast.errors import Interrupted, PipfastError, described
from pipfast.fetch.wheel_metadata.pep658 import MetadataFileMissing
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.distribution import Candidate, Distribution, Sdist, Source, Wheel
from pipfast.model.events import Listener
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.remedies import ReadMetadataFromFile
from pipfast.net.errors import HTTPStatusError
from pipfast.resolve.events import MetadataFileIgnored
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.solve import Resolution

if TYPE_CHECKING:
    from pipfast.sources.wheel_builds import Sources


class Distributions:
    """Returns the metadata of wheels and sources.

    `make_sources` is called when the first source is needed; a run with wheels alone does not call
    it. With `lax` the distribution itself is read if its index does not serve the metadata file.
    """

    def __init__(
        self,
        wheels: WheelMetadataReader,
        make_sources: Callable[[], Sources],
        emit: Listener,
        *,
        lax: bool,
    ) -> None:
        self._wheels = wheels
        self._make_sources = make_sources
        self._emit = emit
        self._lax = lax
        self._sources: Sources | None = None
        self._undescribed: set[str] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self.were_prepared = False
        """Whether a source was used of which no wheel is built yet."""

    @property
    def sources(self) -> Sources:
        """The sources of this run.

        Raises Interrupted if the run has ended before there were any.
        """
        with self._lock:  # prefetching threads need sources too
            if self._sources is None:
                if self._stopped:
                    raise Interrupted
                self._sources = self._make_sources()
            return self._sources

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        """Return the wheel that an earlier run built of it."""
        if isinstance(distribution, Wheel):
            return None
        kept = self.sources.kept(distribution, install_req)
        return Link(url=url_of_path(str(kept.path))) if kept else None

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """Return the metadata of a distribution."""
        if not isinstance(distribution, Wheel) and not self.is_described(distribution, install_req):
            return self._of_source(distribution, install_req, digests)
        try:
            requirement, is_direct = (
                install_req.described(distribution.link),
                install_req.link is not None,
            )
            return self._wheels.of(distribution, requirement, digests, is_direct=is_direct)
        except MetadataFileMissing as fault:
            return self._of_distribution(distribution, install_req, digests, fault)

    def _of_source(
        self, source: Sdist | Source, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        metadata = self.sources.metadata(source, install_req, digests)
        self.were_prepared |= self.sources.kept(source, install_req) is None
        return metadata

    def _of_distribution(
        self,
        distribution: Wheel | Sdist,
        install_req: InstallRequirement,
        digests: Sequence[Digest],
        fault: MetadataFileMissing,
    ) -> Metadata:
        """Return the metadata of a distribution whose metadata file is announced and missing.

        Raises `fault`, with which pip ends, if that is not permitted or does not succeed.
        """
        is_wheel = isinstance(distribution, Wheel)
        if not self._lax:
            fault.remedies = fault.remedies or (ReadMetadataFromFile(is_wheel),)
            raise _as_pip_raises(fault)
        link = distribution.link
        try:
            if isinstance(distribution, Wheel):
                metadata = self._wheels.without_sidecar(distribution, install_req.described(link))
            else:
                self._undescribed.add(link.url)
                metadata = self._of_source(distribution, install_req, digests)
        except Interrupted:
            raise
        except PipfastError:
            raise _as_pip_raises(fault) from None
        self._emit(MetadataFileIgnored(described(fault), is_wheel))
        return metadata

    def is_described(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> TypeGuard[Sdist]:
        """Return whether it is an sdist with a metadata file, of which no wheel is cached.

        `complete` prepares it once it is chosen.
        """
        if not isinstance(distribution, Sdist) or distribution.link.core_metadata is None:
            return False
        known = distribution.link.url not in self._undescribed
        return known and self.sources.kept(distribution, install_req) is None

    def complete(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Prepare a chosen sdist whose metadata file alone was read so far.

        Raises what fetching and building raise.
        """
        if self.is_described(distribution, install_req):
            self.sources.complete(distribution, install_req, install_req.digests)

    @property
    def has_unverified(self) -> bool:
        """Return whether metadata was read in this run that no digest proves."""
        return self._wheels.has_unverified

    def verify(
        self, wheel: Wheel, install_req: InstallRequirement, document: Callable[[], bytes]
    ) -> None:
        """Compare metadata that was read from parts of a wheel with that in the whole file.

        Raises PartsDiffer.
        """
        if not self._wheels.is_verified(wheel):
            self._wheels.verify(wheel, install_req.described(wheel.link), document())

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Start to prepare a source whose metadata will be requested.

        A run that explains itself prepares each source when it is needed.
        """
        if not isinstance(distribution, Wheel) and not self._wheels.explains:
            self.sources.begin(distribution, install_req)

    def settle(self, resolution: Resolution) -> bool:
        """Prepare sources again that saw other distributions than those of `resolution`.

        Return whether the metadata of one changed.
        """
        return self._sources is not None and self._sources.settle(resolution)

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        """The projects that each source was built against without declaring them."""
        return self._sources.behind if self._sources is not None else {}

    def document(self, distribution: Distribution, install_req: InstallRequirement) -> str:
        """Return the METADATA document of a distribution whose metadata the run has read."""
        if isinstance(distribution, Wheel) or self.is_described(distribution, install_req):
            return self._wheels.document(distribution)
        return self.sources.document(distribution, install_req)

    def origin(
        self, distribution: Distribution, install_req: InstallRequirement, digest: Digest | None
    ) -> Origin:
        """Return where it is from; `digest` is that of a wheel whose link has none."""
        if not isinstance(distribution, Wheel) and not self.is_described(distribution, install_req):
            return self.sources.origin(distribution, install_req)
        link = distribution.link
        return ArchiveOrigin(url=link.url, digests=link.digests or ((digest,) if digest else ()))

    # Prefetching

    def prefetch(
        self,
        candidate: Candidate,
        then: Callable[[Metadata], object] | None = None,
        *,
        surely: bool = False,
    ) -> bool:
        """Start to read the metadata in another thread; return whether there is anything to do.

        An sdist is prepared only if it will `surely` be needed, because that may be a build.
        """
        if isinstance(candidate, Wheel) or self.is_described(candidate, InstallRequirement(None)):
            return self._wheels.prefetch(candidate, then)
        return surely and not self._stopped and self.sources.prefetch(candidate, then)

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """Return the metadata if they are cached."""
        return self._wheels.at_hand(candidate)

    def stop(self) -> None:
        """Stop all builds and start no others."""
        self._stopped = True
        with self._lock:
            made = self._sources
        if made is not None:
            made.stop()

    def close(self) -> None:
        """Stop prefetching and builds, and remove temporary files."""
        self._wheels.close()
        if self._sources is not None:
            self._sources.close()


def _as_pip_raises(fault: MetadataFileMissing) -> PipfastError:
    """Return the error with which pip ends: the network error, if no server answered."""
    return fault if isinstance(fault.fault, HTTPStatusError) else fault.fault
