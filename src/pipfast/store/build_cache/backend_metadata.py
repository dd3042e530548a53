"""Cache the metadata that build backends return, by the content of the source.

An entry is valid as long as a cached wheel of the same source would be; a newer release of the
backend does not invalidate it. The events of the hook are stored too, because pip prints its
messages each time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.filesystem.root import Store

AREA = "told"
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class BackendMetadata:
    """A source's METADATA document, and the events of its backend's hook as values for JSON."""

    document: str
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class BackendMetadataCache:
    """The stored metadata of sources. Write errors are ignored."""

    store: Store

    def read(self, key: BuildKey, words: Sequence[str]) -> BackendMetadata | None:
        """Return the entry for the source in `key`, which `words` complete.

        None if the source's content is unknown.
        """
        stored = self.store.read(AREA, _path(key, words)) if key.source else None
        return None if stored is None else decoded(stored)

    def write(self, key: BuildKey, words: Sequence[str], entry: BackendMetadata) -> None:
        """Store an entry if the source's content is known."""
        if key.source:
            self.store.write(AREA, _path(key, words), encoded(entry))


def encoded(entry: BackendMetadata) -> bytes:
    """Return an entry as bytes."""
    return json.dumps({"document": entry.document, "events": entry.events}).encode()


def decoded(stored: bytes) -> BackendMetadata | None:
    """Return the entry that was stored as bytes, None if it is none."""
    try:
        fields = json.loads(stored)
        return BackendMetadata(str(fields["document"]), tuple(map(dict, fields["events"])))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _path(key: BuildKey, words: Sequence[str]) -> str:
    text = json.dumps([_FORMAT, key.source, key.beside, *words])
    digest = sha256(text.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}.json"
