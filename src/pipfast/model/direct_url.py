"""Where a distribution was taken from, as PEP 610 writes it down."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.direct_url import ArchiveInfo, DirectUrl

from pipfast.model.digest import Digest
from pipfast.model.link import Link


def direct_url(link: Link, digests: Sequence[Digest]) -> Mapping[str, Any]:
    """The record of an archive, secrets taken out, with the older ``hash`` key beside ``hashes``.

    Only the first of `digests` is told, as pip does.
    """
    hashes = {digest.algorithm: digest.value for digest in digests[:1]}
    archive = ArchiveInfo(hashes=hashes or None)
    return DirectUrl(url=link.url, archive_info=archive).to_dict(generate_legacy_hash=True)


def direct_url_json(link: Link, digests: Sequence[Digest]) -> str:
    """The text of ``direct_url.json``."""
    return json.dumps(direct_url(link, digests), sort_keys=True)
