"""Texts of `pipfast cache info` and `prune`: what the cache holds, by kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.model.frozen_dataclass import dataclass
from pipfast.remote_store.counts import Counts
from pipfast.report.remote_lines import remote_json
from pipfast.store.cache_entries import CacheEntry, Kind

PRUNE_ALONE = "--days, --ci and --dry-run are options of prune"
JSON_ALONE = "--json is an option of info, prune, pull and push"
PULL_ALONE = "-r and the options of wheel are for pull"
NEGATIVE_DAYS = "--days must not be negative"
EXCLUSIVE = "prune takes --days or --ci"

_LABELS = {
    Kind.UNPACKED: "unpacked wheels",
    Kind.BUILT: "built wheels and notes on them",
    Kind.ENVIRONMENTS: "build environments",
    Kind.DOWNLOADS: "downloads",
    Kind.PAGES: "index pages",
    Kind.METADATA: "metadata of wheels",
    Kind.GIT: "git objects",
    Kind.HTTP: "HTTP responses",
    Kind.NOTES: "saved results",
    Kind.CHANGES: "noted changes of environments",
    Kind.COMMANDS: "last command for 'why --last'",
    Kind.REPORTS: "incident reports",
    Kind.ABANDONED: "files of killed runs",
    Kind.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class Total:
    """The number of entries of one kind, and their sizes in bytes, as in `CacheEntry`."""

    entries: int
    size: int
    shared: int
    bytecode: int


def total_of(held: Iterable[CacheEntry]) -> Total:
    """Return the totals of entries."""
    listed = list(held)
    return Total(
        len(listed),
        sum(one.size for one in listed),
        sum(one.shared for one in listed),
        sum(one.bytecode for one in listed),
    )


def by_kind(held: Iterable[CacheEntry]) -> dict[Kind, Total]:
    """Return the totals of each kind that has entries."""
    listed = list(held)
    groups = {kind: [one for one in listed if one.kind is kind] for kind in Kind}
    return {kind: total_of(group) for kind, group in groups.items() if group}


def info_lines(held: Iterable[CacheEntry]) -> Iterator[str]:
    """Yield the lines, one a kind, that follow pip's lines of ``cache info``."""
    for kind, total in by_kind(held).items():
        line = f"  {_LABELS[kind]}: {total.entries}, {human_size(total.size)}"
        notes = [
            f"{human_size(total.bytecode)} of bytecode" if total.bytecode else "",
            f"{human_size(total.shared)} shared with environments" if total.shared else "",
        ]
        told = ", ".join(filter(None, notes))
        yield f"{line} ({told})" if told else line


def info_json(folder: str, held: Iterable[CacheEntry], counts: Counts | None, waiting: int) -> str:
    """Return what a cache directory holds as JSON, and what a remote store was good for."""
    kinds = {kind.value: _total_json(total) for kind, total in by_kind(held).items()}
    document: dict[str, Any] = {"version": "1", "folder": folder, "kinds": kinds}
    if counts is not None:
        document["remote"] = remote_json(counts, waiting)
    return json.dumps(document, indent=2)


def prune_lines(
    removed: Iterable[CacheEntry], kept: Iterable[CacheEntry], *, dry_run: bool
) -> Iterator[str]:
    """Yield what was removed, or would be, and what that frees."""
    removed = list(removed)
    verb = "Would remove" if dry_run else "Removed"
    for kind, total in by_kind(removed).items():
        yield f"{verb} {_LABELS[kind]}: {total.entries}, {human_size(total.size)}"
    left = total_of(kept)
    if not removed:
        yield f"Nothing to remove; {left.entries} entries stay, {human_size(left.size)}"
        return
    freed = "would free" if dry_run else "freed"
    yield f"This {freed} {human_size(_freed(removed))}; {human_size(left.size)} stay"


def prune_json(removed: Iterable[CacheEntry], kept: Iterable[CacheEntry], *, dry_run: bool) -> str:
    """Return what was removed, or would be, as JSON."""
    removed = list(removed)
    document = {
        "version": "1",
        "dry_run": dry_run,
        "freed": _freed(removed),
        "removed": {kind.value: _total_json(one) for kind, one in by_kind(removed).items()},
        "kept": {kind.value: _total_json(one) for kind, one in by_kind(kept).items()},
    }
    return json.dumps(document, indent=2)


def _freed(removed: Iterable[CacheEntry]) -> int:
    """Return the bytes that nothing else uses."""
    return sum(one.size - one.shared for one in removed)


def _total_json(total: Total) -> dict[str, Any]:
    return {
        "entries": total.entries,
        "size": total.size,
        "shared": total.shared,
        "bytecode": total.bytecode,
    }
