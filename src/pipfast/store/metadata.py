"""Core metadata of wheels that were read once: one small file for each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from zlib import crc32

from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.store.folder import Store

AREA = "metadata"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptMetadata:
    """Metadata, and what was read for it.

    That was the sidecar, or else the wheel; `size` is that file's, in bytes, None if nobody said.
    """

    metadata: Metadata
    size: int | None
    sidecar: bool


@dataclass(frozen=True, slots=True)
class MetadataShelf:
    """The kept metadata of a store.

    An entry is found by the wheel's address, its digest and its sidecar's digest together: an
    index that lies about a file cannot change what another index's file is taken for.
    """

    store: Store

    def read(self, link: Link) -> KeptMetadata | None:
        """What is kept of the wheel at `link`, None where there is nothing that can be read."""
        entry = self.store.read(AREA, _key(link))
        if entry is None:
            return None
        try:
            checksum, _, text = entry.partition(b"\n")
            if int(checksum) != crc32(text):
                return None
            fields = json.loads(text)
            if fields["format"] != _FORMAT:
                return None
            return KeptMetadata(
                Metadata(
                    name=fields["name"],
                    version=fields["version"],
                    requires_dist=tuple(fields["requires_dist"]),
                    requires_python=fields["requires_python"],
                    provides_extra=tuple(fields["provides_extra"]),
                    dynamic=frozenset(fields["dynamic"]),
                    metadata_version=fields["metadata_version"],
                ),
                fields["size"],
                fields["sidecar"],
            )
        except (ValueError, KeyError, TypeError):
            return None

    def write(self, link: Link, kept: KeptMetadata) -> None:
        """Keep what was read of the wheel at `link`."""
        metadata = kept.metadata
        fields = {
            "format": _FORMAT,
            "name": metadata.name,
            "version": metadata.version,
            "requires_dist": metadata.requires_dist,
            "requires_python": metadata.requires_python,
            "provides_extra": metadata.provides_extra,
            "dynamic": sorted(metadata.dynamic),
            "metadata_version": metadata.metadata_version,
            "size": kept.size,
            "sidecar": kept.sidecar,
        }
        text = json.dumps(fields, separators=(",", ":")).encode()
        self.store.write(AREA, _key(link), b"%d\n%b" % (crc32(text), text))


def _key(link: Link) -> str:
    parts = [link.url, *map(str, link.digests), "", *map(str, link.core_metadata or ())]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"
