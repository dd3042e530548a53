"""The resolver's port for distributions: wheels tell their own metadata, sources are prepared.

Where the index has a file with the metadata of an sdist (PEP 658), that tells them, and the sdist
is fetched and prepared once it is chosen, as with pip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from packaging.utils import NormalizedName

from pipfast.errors import Interrupted, PipfastError
from pipfast.fetch.wheel_metadata.pep658 import SidecarUnavailable
from pipfast.fetch.wheel_metadata.source import MetadataSource
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
from pipfast.sources.wheel_builds import Sources


class Distributions:
    """Tells the metadata of whatever a requirement can be fulfilled with.

    `make_sources` is called when the first source is met: a run of wheels does without it. With
    `lax` a distribution tells its own metadata where its index fails to give the file that does.
    """

    def __init__(
        self,
        wheels: MetadataSource,
        make_sources: Callable[[], Sources],
        emit: Listener,
        *,
        lax: bool,
    ) -> None:
        self._wheels = wheels
        self._make_sources = make_sources
        self._emit = emit
        self._lax = lax
        self._made: Sources | None = None
        self._undescribed: set[str] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self.were_prepared = False
        """Whether a source was asked of which there is no wheel yet."""

    @property
    def sources(self) -> Sources:
        """The sources of this run.

        Raises Interrupted where there are none when the run has come to its end.
        """
        with self._lock:  # those who work ahead meet sources, too
            if self._made is None:
                if self._stopped:
                    raise Interrupted
                self._made = self._make_sources()
            return self._made

    def built(self, distribution: Distribution, install_req: InstallRequirement) -> Link | None:
        """The wheel that an earlier run has built of it."""
        if isinstance(distribution, Wheel):
            return None
        kept = self.sources.kept(distribution, install_req)
        return Link(url=url_of_path(str(kept.path))) if kept else None

    def of(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """The metadata of the very file that would be installed."""
        if not isinstance(distribution, Wheel) and not self.is_described(distribution, install_req):
            return self._of_source(distribution, install_req, digests)
        try:
            return self._wheels.of(distribution, install_req.described(distribution.link), digests)
        except SidecarUnavailable as fault:
            return self._of_itself(distribution, install_req, digests, fault)

    def _of_source(
        self, source: Sdist | Source, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        metadata = self.sources.metadata(source, install_req, digests)
        self.were_prepared |= self.sources.kept(source, install_req) is None
        return metadata

    def _of_itself(
        self,
        distribution: Wheel | Sdist,
        install_req: InstallRequirement,
        digests: Sequence[Digest],
        fault: SidecarUnavailable,
    ) -> Metadata:
        """The metadata of what has a sidecar that is promised and not there: fatal for pip.

        Raises `fault` where that is not to be forgiven, or the distribution cannot tell them.
        """
        is_wheel = isinstance(distribution, Wheel)
        if not self._lax:
            fault.remedies = fault.remedies or (ReadMetadataFromFile(is_wheel),)
            raise _as_pip_has_it(fault)
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
            raise _as_pip_has_it(fault) from None
        self._emit(MetadataFileIgnored(fault.message, is_wheel))
        return metadata

    def is_described(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> TypeGuard[Sdist]:
        """Whether it is an sdist of which nothing is built and a file beside it tells what it is.

        Once it is chosen, `complete` prepares it.
        """
        if not isinstance(distribution, Sdist) or distribution.link.core_metadata is None:
            return False
        known = distribution.link.url not in self._undescribed
        return known and self.sources.kept(distribution, install_req) is None

    def complete(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Prepare a chosen sdist of which only the file beside it has told so far.

        Raises what fetching and building raise.
        """
        if self.is_described(distribution, install_req):
            self.sources.complete(distribution, install_req, install_req.digests)

    def begin(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Begin to prepare what will be asked for, if that is work."""
        if not isinstance(distribution, Wheel):
            self.sources.begin(distribution, install_req)

    def settle(self, answer: Resolution) -> bool:
        """Have sources look at what will be installed; whether one says something else for it."""
        return self._made is not None and self._made.settle(answer)

    @property
    def behind(self) -> Mapping[NormalizedName, frozenset[NormalizedName]]:
        """The projects that sources were built against without having declared them."""
        return self._made.behind if self._made is not None else {}

    def document(self, distribution: Distribution, install_req: InstallRequirement) -> str:
        """The METADATA document of a distribution whose metadata was asked for in this run."""
        if isinstance(distribution, Wheel) or self.is_described(distribution, install_req):
            return self._wheels.document(distribution)
        return self.sources.document(distribution, install_req)

    def origin(
        self, distribution: Distribution, install_req: InstallRequirement, digest: Digest | None
    ) -> Origin:
        """Where it was taken from; `digest` is of a wheel's file, where nobody said it before."""
        if not isinstance(distribution, Wheel) and not self.is_described(distribution, install_req):
            return self.sources.origin(distribution, install_req)
        link = distribution.link
        return ArchiveOrigin(url=link.url, digests=link.digests or ((digest,) if digest else ()))

    # Working ahead

    def prefetch(
        self,
        candidate: Candidate,
        then: Callable[[Metadata], object] | None = None,
        *,
        surely: bool = False,
    ) -> bool:
        """Have the metadata read, without waiting; whether that takes time.

        An sdist is prepared only where it will `surely` be asked for: that may be a build.
        """
        if isinstance(candidate, Wheel) or self.is_described(candidate, InstallRequirement(None)):
            return self._wheels.prefetch(candidate, then)
        return surely and not self._stopped and self.sources.prefetch(candidate, then)

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """The metadata as far as it can be had without asking anyone."""
        return self._wheels.at_hand(candidate)

    def stop(self) -> None:
        """End every build, and begin none any more."""
        self._stopped = True
        with self._lock:
            made = self._made
        if made is not None:
            made.stop()

    def close(self) -> None:
        """Stop working ahead, end every build, remove what was made on the way."""
        self._wheels.close()
        if self._made is not None:
            self._made.close()


def _as_pip_has_it(fault: SidecarUnavailable) -> PipfastError:
    """The fault that ends the run: what happened on the way, if no server has answered."""
    return fault if isinstance(fault.fault, HTTPStatusError) else fault.fault
