"""The resolver's port for distributions: wheels are read, sources prepared and built."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.errors import NotNative
from pipfast.fetch.metadata import MetadataSource
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, Origin
from pipfast.model.distribution import Distribution, Wheel
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.resolve.graph import Ask


class Distributions:
    """Tells the metadata of whatever a requirement can be fulfilled with."""

    def __init__(self, wheels: MetadataSource) -> None:
        self._wheels = wheels

    def built(self, distribution: Distribution) -> Link | None:  # noqa: ARG002
        """The wheel that an earlier run has built of it."""
        return None

    def of(self, distribution: Distribution, ask: Ask, digests: Sequence[Digest]) -> Metadata:
        """The metadata of the very file that would be installed."""
        return self._wheels.of(self._wheel(distribution), ask.described(distribution.link), digests)

    def document(self, distribution: Distribution) -> str:
        """The METADATA document of a distribution whose metadata was asked for in this run."""
        return self._wheels.document(self._wheel(distribution))

    def origin(self, distribution: Distribution, digest: Digest | None) -> Origin:
        """Where it was taken from; `digest` is of the file, where nobody said it before."""
        link = distribution.link
        return ArchiveOrigin(url=link.url, digests=link.digests or ((digest,) if digest else ()))

    def _wheel(self, distribution: Distribution) -> Wheel:
        if not isinstance(distribution, Wheel):
            raise NotNative(f"{distribution.link.filename} has to be built")
        return distribution
