"""Cache the metadata that build backends return, by the content of the source.

An entry is valid as long as a cached wheel of the same source would be; a newer release of the
backend does not invalidate it. The messages of the hook are stored too, because pip prints them
each time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from pipfast.model.events import Level, Listener, Said, Status, Work
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.filesystem.root import Store

AREA = "told"
_FORMAT = 1
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class BackendMetadata:
    """A source's METADATA document, and the messages of its backend."""

    document: str
    heard: tuple[Work | Said, ...]

    def say_again(self, listen: Listener) -> None:
        """Emit the messages."""
        for event in self.heard:
            listen(event)


@dataclass(frozen=True, slots=True)
class BackendMetadataCache:
    """The stored metadata of sources. Write errors are ignored."""

    store: Store

    def read(self, question: BuildKey, words: Sequence[str]) -> BackendMetadata | None:
        """Return the entry for the source in `question`; `words` complete the key.

        None if the source's content is unknown.
        """
        kept = self.store.read(AREA, _key(question, words)) if question.source else None
        if kept is None:
            return None
        try:
            fields = json.loads(kept)
            return BackendMetadata(fields["document"], tuple(map(_event, fields["heard"])))
        except (ValueError, KeyError, TypeError):
            return None

    def write(self, question: BuildKey, words: Sequence[str], told: BackendMetadata) -> None:
        """Store an entry if the source's content is known."""
        if question.source:
            fields = {"document": told.document, "heard": [_fields(one) for one in told.heard]}
            self.store.write(AREA, _key(question, words), json.dumps(fields).encode())


def _key(question: BuildKey, words: Sequence[str]) -> str:
    text = json.dumps([_FORMAT, question.source, question.beside, *words])
    digest = sha256(text.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}.json"


def _fields(event: Work | Said) -> list[object]:
    match event:
        case Work(step, status, line, depth=depth):
            return ["work", _INDENT * depth + step, status.name, line]
        case Said(level, text, of_program=of_program):
            return ["said", text, level.name, of_program]


def _event(fields: Sequence[str]) -> Work | Said:
    kind, text, name, rest = fields
    if kind == "work":
        step = text.lstrip()
        return Work(step, Status[name], rest, depth=(len(text) - len(step)) // len(_INDENT))
    return Said(Level[name], text, of_program=bool(rest))
