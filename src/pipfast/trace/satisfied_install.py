"""Reuse the output of an install that changed nothing, while all that it depends on is unchanged.

It had nothing to do, or was a dry run. Its output depends on files (requirements files, the
interpreter, installed distributions), whose sizes and times show whether it is still valid, and
that of a dry run on index pages, which must also be fresh. A stored output makes a run faster and
never changes what it says. Such runs import this module first, so it imports little.
"""

from __future__ import annotations

import marshal
import os
import time
from collections.abc import Iterable, Mapping, Sequence

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

_CLOCK_STEP = 0.05
"""Seconds by which the time of a file may be behind the clock."""

Stamp = list[object]
"""A path with size and time (ns), both None if it does not exist."""

Page = tuple[str, int, float]
"""The file of an index page, the file's inode, and the page's lifetime in seconds.

A changed page is another file; the file's time is that of the last confirmation by the index.
"""


def question(parts: Mapping[str, object]) -> str:
    """Return a digest of the request, whose addresses and variables may contain passwords."""
    text = repr(_plain(parts))  # json takes 3 ms to import
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def recall(store: Entries, query: str) -> tuple[str, ...] | None:
    """Return the lines of the stored output, None if there is no valid one."""
    kept = store.read(AREA, key_of(query))
    if kept is None:
        return None
    try:
        if kept[:32] != sha256(kept[32:]).digest():
            return None
        trace = marshal.loads(kept[32:])  # noqa: S302 - just checked to be our own
        if trace["query"] != query:
            return None
        if any(stamp(path) != [path, size, moment] for path, size, moment in trace["stamps"]):
            return None
        now = time.time()
        if not all(
            is_fresh(path, number, lifetime, now) for path, number, lifetime in trace["pages"]
        ):
            return None
        return tuple(map(str, trace["lines"]))
    except (ValueError, KeyError, TypeError, EOFError):
        return None


def remember(
    store: Entries,
    query: str,
    lines: Sequence[str],
    stamps: Sequence[Stamp],
    pages: Sequence[Page] = (),
) -> None:
    """Store the output of `query`, which depends on `stamps` and `pages`."""
    trace = {"query": query, "lines": [*lines], "stamps": [*stamps], "pages": [*pages]}
    data = marshal.dumps(trace, 4)
    store.write(AREA, key_of(query), sha256(data).digest() + data)


def stamps(paths: Iterable[str]) -> list[Stamp]:
    """Return the stamps of `paths`, each once."""
    return [stamp(path) for path in dict.fromkeys(paths)]


def have_changed_since(paths: Iterable[str], moment: float) -> bool:
    """Return whether a file may have been changed or put in place after `moment`."""
    earliest = (moment - _CLOCK_STEP) * 1e9
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116 - as below
        except OSError:
            continue
        if max(status.st_mtime_ns, status.st_ctime_ns) >= earliest:
            return True
    return False


def is_fresh(path: str, number: int, lifetime: float, now: float) -> bool:
    """Return whether an index page is unchanged and fresh."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of these
    except OSError:
        return False
    return status.st_ino == number and 0 <= now - status.st_mtime < lifetime


def is_same(path: str, number: int) -> bool:
    """Return whether the file of an index page, with the inode `number`, was not replaced."""
    try:
        return os.stat(path).st_ino == number  # noqa: PTH116 - as below
    except OSError:
        return False


def stamp(path: str) -> Stamp:
    """Return the current stamp of `path`."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a hundred of these before anything else
    except OSError:
        return [path, None, None]
    return [path, status.st_size, status.st_mtime_ns]


def key_of(query: str) -> str:
    """Return the store's key of a request; the entry contains the request itself."""
    return sha256(query.encode()).hexdigest()[:32]


def _plain(value: object) -> object:
    """Return a setting's value as plain values that have one text, with sets and keys sorted."""
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    return repr(value)
