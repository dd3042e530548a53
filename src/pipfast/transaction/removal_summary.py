"""Summaries of what an uninstall removes, for the question before it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from pipfast.model.events import Event
from pipfast.model.frozen_dataclass import dataclass
from pipfast.transaction.events import RemovingPath, RemovingPathEntries, RemovingPathEntry
from pipfast.transaction.removal_moves import removal_moves
from pipfast.transaction.uninstall_paths import UninstallPaths


@dataclass(frozen=True, slots=True)
class RemovalSummary:
    """Sorted paths to show; a path that ends in ``*`` is the content of a folder.

    `remains` are files in removed folders that RECORD does not list. `refused` are outside the
    environment's prefix.
    """

    removed: tuple[str, ...]
    remains: tuple[str, ...]
    refused: tuple[str, ...]


def short_summary(uninstall: UninstallPaths) -> RemovalSummary:
    """Summarize packages and metadata folders by their folder; leave out bytecode."""
    files = {path for path in uninstall.present if not path.endswith(".pyc")}
    folders = outermost(
        os.path.dirname(path)
        for path in files
        if path.endswith("__init__.py") or ".dist-info" in path
    )
    contents = {os.path.join(folder, "*") for folder in folders}
    removed = {os.path.normcase(path) for path in files}
    others = (path for folder in folders for path in _files(folder))
    return RemovalSummary(
        removed=tuple(sorted(outermost(files | contents))),
        remains=tuple(sorted(path for path in others if os.path.normcase(path) not in removed)),
        refused=tuple(sorted(outermost(uninstall.refused))),
    )


def full_summary(uninstall: UninstallPaths) -> RemovalSummary:
    """List every file, including bytecode."""
    return RemovalSummary(
        removed=tuple(sorted(outermost(uninstall.present))),
        remains=(),
        refused=tuple(sorted(outermost(uninstall.refused))),
    )


def removal_messages(uninstall: UninstallPaths) -> list[Event]:
    """Return a message about each path that will be removed, for ``-v``."""
    messages: list[Event] = []
    messages += [RemovingPath(path, depth=1) for path in moved_paths(uninstall)]
    for file, entry in uninstall.path_entries.items():
        messages += [RemovingPathEntries(file, depth=1), RemovingPathEntry(entry, depth=1)]
    return messages


def moved_paths(uninstall: UninstallPaths) -> tuple[str, ...]:
    """Return the files and folders that are moved away; folders end in a separator."""
    moves = removal_moves(uninstall.present)
    cleared = set(moves.cleared)
    files = [path for path in moves.files if os.path.dirname(path) not in cleared]
    folders = (os.path.join(path, "") for path in (*moves.folders, *cleared))
    return tuple(sorted([*files, *folders]))


def outermost(paths: Iterable[str]) -> set[str]:
    """Return `paths` without those inside a folder that, or whose content, is among them."""
    result: set[str] = set()
    tops: set[PurePath] = set()
    for path in sorted(paths, key=lambda path: (len(path), not path.endswith("*"))):
        pure = PurePath(path[:-1] if path.endswith(os.sep + "*") else path)
        if pure not in tops and tops.isdisjoint(pure.parents):
            result.add(path)
            tops.add(pure)
    return result


def _files(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder, onerror=_fail):
        for name in names:
            path = os.path.join(parent, name)
            if not name.endswith(".pyc") and os.path.isfile(path):
                yield path


def _fail(error: OSError) -> None:
    raise error
