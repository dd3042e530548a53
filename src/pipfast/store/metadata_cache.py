"""Cache core metadata of wheels: one small file each."""

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
_FORMAT = 3


@dataclass(frozen=True, slots=True)
class CachedMetadata:
    """Metadata, and the file it was read from.

    That is the metadata file or the wheel; `size` is its size in bytes, None if unknown.
    `packed` is the complete document, compressed, which only reports need.
    """

    metadata: Metadata
    size: int | None
    sidecar: bool
    packed: bytes

    @classmethod
    def of(cls, document: bytes, size: int | None, *, sidecar: bool) -> CachedMetadata:
        """Return the metadata in `document`."""
        metadata = parse_metadata(document.decode("utf-8", "surrogateescape"))
        return cls(metadata, size, sidecar, compress(document, 1))

    @property
    def document(self) -> str:
        """Return the METADATA document as pip's report shows it, with its line endings.

        Raises ValueError if the entry is damaged.
        """
        try:
            text = decompress(self.packed).decode("utf-8", "surrogateescape")
        except ZlibError as error:
            raise ValueError(str(error)) from None
        # pip reads a metadata file in text mode, and a wheel's own METADATA as bytes
        return text.replace("\r\n", "\n").replace("\r", "\n") if self.sidecar else text


@dataclass(frozen=True, slots=True)
class MetadataCache:
    """The stored metadata.

    The key contains the wheel's address, its digest and its metadata file's digest: an index
    with wrong data cannot affect files of another index.
    """

    store: Store

    def read(self, link: Link) -> CachedMetadata | None:
        """Return the entry of the wheel at `link`, None if there is none or it is unreadable."""
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
            return CachedMetadata(
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
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def write(self, link: Link, kept: CachedMetadata) -> None:
        """Store what was read from the wheel at `link`."""
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
