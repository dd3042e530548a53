"""Where a chosen distribution comes from, as reports, lock files and direct_url.json tell it."""

from __future__ import annotations

from pipfast.fetch.downloads.downloader import Order
from pipfast.model.direct_url import Origin
from pipfast.model.distribution import Wheel
from pipfast.model.link import Link
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.resolution import Resolved


def origin_of(pin: PinnedCandidate, found: Resolved) -> Origin:
    """The origin with a digest, for which a wheel that nobody gave one is fetched and hashed.

    Only a wheel whose metadata a file beside it told is not here to be hashed (pip behaviour).
    """
    distribution, link = pin.node.distribution, pin.node.distribution.link
    digest = None
    if isinstance(distribution, Wheel) and not link.digests and not _is_beside(link, found):
        digest = found.files.one(Order(link, pin.install_req.described(link))).digests[0]
    return found.distributions.origin(distribution, pin.install_req, digest)


def _is_beside(link: Link, found: Resolved) -> bool:
    """Whether a file beside the wheel told its metadata, so that pip has no wheel to hash yet."""
    return link.core_metadata is not None and not found.collected.selection.require_hashes
