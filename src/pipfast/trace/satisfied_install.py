"""Reuse the result of an install that had nothing to do, while all its files are unchanged.

The result depends on files only (requirements files, the interpreter, installed distributions),
so their sizes and times show whether it is still valid. A stored result makes a run faster and
never changes its output. Satisfied runs import this module first, so it imports little.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from zlib import adler32, crc32

from pipfast.store.filesystem.entries import Entries

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # hashlib loads OpenSSL, which takes 2 ms
    except ImportError:
        try:
            from _sha256 import sha256  # before Python 3.12
        except ImportError:
            from hashlib import sha256

AREA = "traces"

Stamp = list[object]
"""A path with size and time (ns), both None if it does not exist."""


def question(parts: Mapping[str, object]) -> str:
    """Return a digest of the request, whose addresses and variables may contain passwords."""
    text = json.dumps(parts, sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()


def recall(store: Entries, query: str) -> tuple[str, ...] | None:
    """Return the lines of the stored result, None if there is no valid one."""
    kept = store.read(AREA, key_of(query))
    if kept is None:
        return None
    try:
        trace = json.loads(kept)
        if trace["query"] != query:
            return None
        if any(stamp(path) != [path, size, time] for path, size, time in trace["stamps"]):
            return None
        return tuple(map(str, trace["lines"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def remember(store: Entries, query: str, lines: Sequence[str], stamps: Sequence[Stamp]) -> None:
    """Store the result of `query`; `stamps` were taken before its files were read."""
    trace = {"query": query, "lines": lines, "stamps": stamps}
    store.write(AREA, key_of(query), json.dumps(trace).encode())


def stamps(paths: Iterable[str]) -> list[Stamp]:
    """Return the stamps of `paths`, each once."""
    return [stamp(path) for path in dict.fromkeys(paths)]


def stamp(path: str) -> Stamp:
    """Return the current stamp of `path`."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of these before anything else
    except OSError:
        return [path, None, None]
    return [path, status.st_size, status.st_mtime_ns]


def key_of(query: str) -> str:
    """Return the store's key of a request; the entry contains the request itself."""
    text = query.encode()
    return f"{crc32(text):08x}{adler32(text):08x}.json"


def _plain(value: object) -> object:
    """Return a setting's value as JSON, with sets sorted."""
    return sorted(map(str, value)) if isinstance(value, frozenset | set) else repr(value)
