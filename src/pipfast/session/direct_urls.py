"""The origin of a chosen distribution, for reports, lock files and direct_url.json."""

from __future__ import annotations

from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.model.direct_url import Origin
from pipfast.model.distribution import Wheel
from pipfast.model.link import Link
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.resolution import Resolved


def origin_of(pin: PinnedCandidate, resolved: Resolved) -> Origin:
    """Return the origin with a digest; a wheel whose link has none is fetched and hashed.

    A wheel with a metadata file is not fetched for that, so it gets no digest (pip behaviour).
    """
    distribution, link = pin.node.distribution, pin.node.distribution.link
    digest = None
    if (
        isinstance(distribution, Wheel)
        and not link.digests
        and not _has_metadata_file(link, resolved)
    ):
        digest = resolved.files.one(DownloadRequest(link, pin.install_req.described(link))).digests[
            0
        ]
    return resolved.distributions.origin(distribution, pin.install_req, digest)


def _has_metadata_file(link: Link, resolved: Resolved) -> bool:
    """Return whether the metadata are from a metadata file, so that pip has no wheel to hash."""
    return link.core_metadata is not None and not resolved.collected.selection.require_hashes
