"""Core metadata of wheels that were read once: one small file for each."""

from __future__ import annotations

import hashlib
import json
from zlib import compress, crc32, decompress
from zlib import error as ZlibError  # noqa: N812 - zlib calls it by a function's name

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata, parse_metadata
from pipfast.store.filesystem.root import Store

AREA = "metadata"
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class KeptMetadata:
    """Metadata, and what was read for it.

    That was the sidecar, or else the wheel; `size` is that file's, in bytes, None if nobody said.
    `packed` is the whole document, compressed: only a report wants it.
    """

    metadata: Metadata
    size: int | None
    sidecar: bool
    packed: bytes

    @classmethod
    def of(cls, document: bytes, size: int | None, *, sidecar: bool) -> KeptMetadata:
        """What the document `document` says."""
        metadata = parse_metadata(document.decode("utf-8", "surrogateescape"))
        return cls(metadata, size, sidecar, compress(document, 1))

    @property
    def document(self) -> str:
        """The METADATA document, as pip's report tells it: a sidecar's lines end with newlines.

        Raises ValueError when what was kept is damaged.
        """
        try:
            text = decompress(self.packed).decode("utf-8", "surrogateescape")
        except ZlibError as error:
            raise ValueError(str(error)) from None
        # pip reads a sidecar as a text file, and a wheel's own METADATA as it is.
        return text.replace("\r\n", "\n").replace("\r", "\n") if self.sidecar else text


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
            checksum, _, rest = entry.partition(b"\n")
            text, _, packed = rest.partition(b"\n")
            if int(checksum) != crc32(rest):
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
                packed,
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
        rest = b"%b\n%b" % (text, kept.packed)
        self.store.write(AREA, _key(link), b"%d\n%b" % (crc32(rest), rest))


def _key(link: Link) -> str:
    beside = "no sidecar" if link.core_metadata is None else "sidecar"
    parts = [link.url, *map(str, link.digests), beside, *map(str, link.core_metadata or ())]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"
