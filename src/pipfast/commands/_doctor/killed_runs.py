"""What runs that were killed have left: transactions, temporary files, and pip's ``~`` folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress

from pipfast.commands._doctor.subject import Subject
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
    present = {one.project for one in subject.distributions}
    packages = {
        top for one in subject.distributions for file in one.files for top in _top(file.path)
    }
    for name in sorted(os.listdir(library)):
        if not name.startswith("~"):
            continue
        project, dash, _ = name.lstrip("~").partition("-")
        if name.endswith((".dist-info", ".egg-info")):
            # pip replaces the first letters, so those that are left are the end of the name
            ending = canonical_name(project)
            is_spare = bool(dash) and any(one.endswith(ending) for one in present)
        else:
            is_spare = any(top.endswith(name.lstrip("~")) for top in packages)
        yield PipLeftover(os.path.join(library, name), is_spare)


def _top(path: str) -> Iterator[str]:
    first = path.split(os.sep)[0]
    if first not in ("", ".."):
        yield first
