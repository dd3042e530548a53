"""Find what another program, such as pip, has installed since a run was interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from pipfast.environment.metadata_files import text_of
from pipfast.environment.presence import names_in
from pipfast.environment.recorded_files import listed
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.project_names import canonical_name
from pipfast.transaction.journal import Journal
from pipfast.transaction.journal_undo import Settlement

_METADATA = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class _OldMetadata:
    """The metadata folder of a distribution that the transaction moved away."""

    project: str
    path: str
    aside: str


def settle(journal: Journal, libraries: Iterable[str]) -> tuple[Settlement, tuple[str, ...]]:
    """Return how to undo an interrupted transaction, and the projects that stay as they are.

    These are projects of the transaction that another program has installed since, into one of the
    folders `libraries`: their new files stay, and the old files do not come back.
    """
    since = journal.time
    projects = {project_of(path) for path in _metadata_paths(journal)}
    kept: set[str] = set()
    taken: set[str] = set()
    for info in _metadata_in(libraries):
        if project_of(info) in projects and _is_newer(info, since):
            taken.add(project_of(info))
            kept.update(_recorded(info, os.path.dirname(info)))
    dropped: set[str] = set()
    for old in _old_metadata(journal):
        if old.project in taken:
            dropped.update(_recorded(old.aside, os.path.dirname(old.path)))
    return Settlement(since, frozenset(kept), frozenset(dropped)), tuple(sorted(taken))


def is_metadata(path: str) -> bool:
    """Return whether `path` is named like the metadata folder of a distribution."""
    return path.endswith(_METADATA)


def _metadata_paths(journal: Journal) -> Iterator[str]:
    for change in journal.content.changes:
        for source, target in change.moves:
            path = target if journal.is_staged(source) else source
            if is_metadata(path):
                yield path


def _old_metadata(journal: Journal) -> Iterator[_OldMetadata]:
    for change in journal.content.changes:
        for source, target in change.moves:
            if is_metadata(source) and not journal.is_staged(source):
                yield _OldMetadata(project_of(source), source, target)


def _metadata_in(libraries: Iterable[str]) -> Iterator[str]:
    for folder in dict.fromkeys(map(os.path.realpath, libraries)):
        yield from (os.path.join(folder, name) for name in names_in(folder) if is_metadata(name))


def project_of(info: str) -> str:
    """Return the normalised project that the name of a metadata folder states."""
    return canonical_name(os.path.basename(info).rpartition(".")[0].partition("-")[0])


def _is_newer(info: str, since: int) -> bool:
    """Return whether the metadata were written after the time `since` (ns)."""
    for name in ("RECORD", "METADATA", "PKG-INFO"):
        try:
            return os.lstat(os.path.join(info, name)).st_mtime_ns > since
        except (FileNotFoundError, NotADirectoryError):  # noqa: PERF203
            continue
    return False


def _recorded(info: str, location: str) -> Iterator[str]:
    """Yield the absolute paths of the files in RECORD."""
    for entry in listed(text_of(info, "RECORD") or ""):
        yield os.path.normpath(os.path.join(location, entry))
