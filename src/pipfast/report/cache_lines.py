"""The lines of `pip cache`, with pipfast's store after pip's own folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.model.frozen_dataclass import dataclass

DISABLED = "pip cache commands can not function since cache is disabled."
CONTENTS = "Cache contents:\n"
NO_WHEELS = "No locally built wheels cached."


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFacts:
    """What `pip cache info` prints; sizes are in bytes, `store` is None if there is no store."""

    pages: str
    old_pages: str
    pages_size: int
    page_count: int
    wheels: str
    wheels_size: int
    wheel_count: int
    store: tuple[str, int] | None


def info(facts: CacheFacts) -> str:
    """Return the text of `pip cache info`."""
    return "\n".join(_info(facts))


def _info(facts: CacheFacts) -> Iterator[str]:
    yield f"Package index page cache location (pip v23.3+): {facts.pages}"
    yield f"Package index page cache location (older pips): {facts.old_pages}"
    yield f"Package index page cache size: {human_size(facts.pages_size)}"
    yield f"Number of HTTP files: {facts.page_count}"
    yield f"Locally built wheels location: {facts.wheels}"
    yield f"Locally built wheels size: {human_size(facts.wheels_size)}"
    yield f"Number of locally built wheels: {facts.wheel_count}"
    if facts.store is not None:
        folder, size = facts.store
        yield f"pipfast store location: {folder}"
        yield f"pipfast store size: {human_size(size)}"


def wheels(files: Iterable[tuple[str, int]]) -> str:
    """Return a list of wheels; `files` are names and sizes in bytes."""
    return "\n".join(sorted(f" - {name} ({human_size(size)})" for name, size in files))


def nothing_matches(pattern: str | None) -> str:
    """Return the warning that no file matches `pattern` (None for all files)."""
    return "No matching packages" + ("" if pattern is None else f' for pattern "{pattern}"')


def removed_path(path: object) -> str:
    """Return the line for a removed file or folder."""
    return f"Removed {path}"


def removed_legacy(name: str) -> str:
    """Return the line for the removed file of an older pip."""
    return f"Removed legacy {name} file"


def removed_files(count: int, size: int) -> str:
    """Return the line with the number of removed files and their size in bytes."""
    return f"Files removed: {count} ({human_size(size)})"


def removed_folders(count: int) -> str:
    """Return the line with the number of removed folders."""
    return f"Directories removed: {count}"
