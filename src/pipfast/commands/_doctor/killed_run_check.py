"""What runs that were killed have left: transactions, temporary files, and pip's ``~`` folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress

from pipfast.commands._doctor.subject import Subject
from pipfast.environment.metadata_files import document_of
from pipfast.model.events import silent
from pipfast.model.findings import AbandonedFile, Finding, InterruptedRun, PipLeftover
from pipfast.model.project_names import canonical_name
from pipfast.store.filesystem.owned_names import TEMPORARY, is_abandoned, remove
from pipfast.transaction.environment_lock import EnvironmentBusy, locked
from pipfast.transaction.recovery import recover
from pipfast.transaction.reserved_names import transaction_folders


def find(subject: Subject) -> Iterator[Finding]:
    """Yield what killed runs have left."""
    for site in subject.sites:
        if os.path.isdir(site.root):
            yield from map(InterruptedRun, _interrupted(site.root))
    for folder in _places(subject):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
            paths = sorted(entry.path for entry in entries if is_abandoned(entry))
            yield from map(AbandonedFile, paths)
    for library in subject.libraries:
        yield from _of_pip(subject, library)


def mend(subject: Subject, findings: Sequence[Finding]) -> None:
    """Undo interrupted runs, and remove what is not needed."""
    if any(isinstance(each, InterruptedRun) for each in findings):
        for site in subject.sites:
            if os.path.isdir(site.root):
                recover(site, silent)
    for each in findings:
        match each:
            case AbandonedFile(path):
                remove(path)
            case PipLeftover(path, is_spare=True):
                remove(path)
            case _:
                pass
    subject.forget()


def _interrupted(root: str) -> list[str]:
    """Return the folders of transactions, none while a run is changing the environment."""
    folders = transaction_folders(root)
    if not folders:
        return []
    try:
        with locked(root, wait=False):
            return transaction_folders(root)
    except EnvironmentBusy:
        return []


def _places(subject: Subject) -> list[str]:
    """Return the folders in which pipfast makes temporary files."""
    store = [] if subject.store is None else [str(subject.store.root / TEMPORARY)]
    roots = [site.root for site in subject.sites]
    return [*dict.fromkeys([*roots, *store, tempfile.gettempdir()])]


def _of_pip(subject: Subject, library: str) -> Iterator[Finding]:
    names = [name for name in sorted(os.listdir(library)) if name.startswith("~")]
    present = {one.project for one in subject.distributions}
    metadata = {
        name: _project(os.path.join(library, name))
        for name in names
        if name.endswith((".dist-info", ".egg-info"))
    }
    is_complete = present.issuperset(metadata.values())
    for name in names:
        if name in metadata:
            is_spare = metadata[name] in present
        else:  # its project is not known if that of other leftovers is not installed
            is_spare = is_complete and bool(_namesakes(library, name))
        yield PipLeftover(os.path.join(library, name), is_spare)


def _project(info: str) -> str:
    """Return the project that metadata name, empty if they name none."""
    return canonical_name(document_of(info).first("name") or "")


def _namesakes(library: str, name: str) -> list[str]:
    """Return entries whose names differ in the first letters only, which pip replaces by ``~``."""
    ending = name.lstrip("~")
    return [
        other
        for other in os.listdir(library)
        if len(other) == len(name) and other.endswith(ending) and not other.startswith("~")
    ]
