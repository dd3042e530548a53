"""The answer to a question that was asked before, while nothing it rests on has changed.

Only one kind of answer is kept: "all of this is installed already". It rests on files alone
(requirements files, the interpreter, what is installed), so a look at their sizes and times tells
whether it still holds. A trace that does not hold counts as none: it makes an answer faster, never
different. This room is the first that a satisfied run enters and the last, so it imports little.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from zlib import adler32, crc32

from pipfast.store.filesystem.root import Store

AREA = "traces"

Stamp = list[object]
"""A path with the size and the time (ns) of what is there, None twice where nothing is."""


def question(parts: Mapping[str, object]) -> str:
    """A digest of everything that was asked: addresses and variables may hold passwords."""
    text = json.dumps(parts, sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()


def recall(store: Store, asked: str) -> tuple[str, ...] | None:
    """The lines that answered `asked`, None where no answer is known that still holds."""
    kept = store.read(AREA, key_of(asked))
    if kept is None:
        return None
    try:
        trace = json.loads(kept)
        if trace["asked"] != asked:
            return None
        if any(stamp(path) != [path, size, time] for path, size, time in trace["stamps"]):
            return None
        return tuple(map(str, trace["lines"]))
    except (ValueError, KeyError, TypeError):
        return None


def remember(store: Store, asked: str, lines: Sequence[str], stamps: Sequence[Stamp]) -> None:
    """Keep the answer to `asked`; `stamps` were taken before its files were read."""
    trace = {"asked": asked, "lines": lines, "stamps": stamps}
    store.write(AREA, key_of(asked), json.dumps(trace).encode())


def stamps(paths: Iterable[str]) -> list[Stamp]:
    """The stamps of `paths`, each once."""
    return [stamp(path) for path in dict.fromkeys(paths)]


def stamp(path: str) -> Stamp:
    """What `path` looks like now."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of these before anything else
    except OSError:
        return [path, None, None]
    return [path, status.st_size, status.st_mtime_ns]


def key_of(asked: str) -> str:
    """The store's key of a question; the entry holds the question itself."""
    text = asked.encode()
    return f"{crc32(text):08x}{adler32(text):08x}.json"


def _plain(value: object) -> object:
    """A value of the settings in JSON's means; sets in order."""
    return sorted(map(str, value)) if isinstance(value, frozenset | set) else repr(value)
