"""The files of installed distributions beside their RECORDs."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from pipfast.commands._doctor.reinstall import reinstall, stored_wheels
from pipfast.commands._doctor.subject import Distribution, Subject
from pipfast.environment.recorded_files import RecordedFile
from pipfast.model.findings import (
    FilesAdded,
    FilesChanged,
    FilesMissing,
    Finding,
    SharedFilesChanged,
)
from pipfast.store.filesystem.in_use import claimed
from pipfast.store.wheels.bytecode import remove_whole

_BYTECODE = (".pyc", ".pyo")
_CACHE = "__pycache__"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the files that are missing, changed or not recorded, by distribution."""
    stored = stored_wheels(subject)
    archives = _archives_by_inode(subject)
    for one in subject.distributions:
        missing, changed = _compared(one)
        if missing:
            in_store = (one.project, one.version) in stored
            yield FilesMissing(one.project, one.version, tuple(missing), in_store)
        shared = [path for path in changed if os.stat(path).st_nlink > 1]
        own = [path for path in changed if path not in shared]
        if own:
            yield FilesChanged(one.project, one.version, tuple(own))
        if shared:
            found = {archives.get(_inode(path), "") for path in shared} - {""}
            yield SharedFilesChanged(one.project, one.version, tuple(shared), tuple(sorted(found)))
    yield from _added(subject)


def mend(subject: Subject, findings: Sequence[Finding]) -> None:
    """Install distributions again that miss files, and remove damaged wheels from the store.

    Changed files stay as they are: somebody may have changed them on purpose.
    """
    edited = {each.project for each in findings if isinstance(each, FilesChanged)}
    edited |= {each.project for each in findings if isinstance(each, SharedFilesChanged)}
    for each in findings:
        if isinstance(each, SharedFilesChanged):
            _discard(subject, each.archives)
    lacking = {
        each.project
        for each in findings
        if isinstance(each, FilesMissing) and each.in_store and each.project not in edited
    }
    if lacking:
        reinstall(subject, lacking)
    subject.forget()


def is_sound(path: str, file: RecordedFile) -> bool:
    """Return whether a file exists with the content that RECORD states."""
    algorithm, _, digest = file.digest.partition("=")
    try:
        found = hashlib.new(algorithm)
        if file.size and os.path.getsize(path) != int(file.size):
            return False
        with open(path, "rb") as content:
            while chunk := content.read(1 << 20):
                found.update(chunk)
    except OSError:
        return False
    except ValueError:  # an algorithm or a size that nobody knows
        return True
    return urlsafe_b64encode(found.digest()).rstrip(b"=").decode() == digest.rstrip("=")


def _compared(one: Distribution) -> tuple[list[str], list[str]]:
    """Return the missing and the changed files of a distribution.

    Bytecode does not count, as Python writes it anew.
    """
    missing: list[str] = []
    changed: list[str] = []
    for file in one.files:
        path = one.place(file)
        if path.endswith(_BYTECODE):
            continue
        if not os.path.lexists(path):
            missing.append(path)
        elif file.digest and not is_sound(path, file):
            changed.append(path)
    return missing, changed


def _added(subject: Subject) -> Iterator[Finding]:
    """Yield the files in packages that no RECORD lists."""
    recorded: set[str] = set()
    owners: dict[str, Distribution] = {}
    for one in subject.distributions:
        for file in one.files:
            path = one.place(file)
            recorded.add(path)
            top = _package(one, path)
            if top is not None:
                owners.setdefault(top, one)
    added: dict[str, list[str]] = {}
    for top, one in owners.items():
        for path in _files_in(top):
            if path not in recorded:
                added.setdefault(one.info, []).append(path)
    for one in subject.distributions:
        if one.info in added:
            yield FilesAdded(one.project, one.version, tuple(sorted(added[one.info])))


def _package(one: Distribution, path: str) -> str | None:
    """Return the folder at the top of the library that contains a recorded file."""
    relative = os.path.relpath(path, one.library)
    top, separator, _ = relative.partition(os.sep)
    is_package = bool(separator) and top not in ("..", _CACHE)
    return os.path.join(one.library, top) if is_package else None


def _files_in(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        if _CACHE in folders:
            folders.remove(_CACHE)
        yield from (os.path.join(place, name) for name in names if not name.endswith(_BYTECODE))


# The store


def _inode(path: str) -> tuple[int, int]:
    facts = os.stat(path)
    return facts.st_dev, facts.st_ino


def _archives_by_inode(subject: Subject) -> Mapping[tuple[int, int], str]:
    """Return the unpacked wheel that each file of the store belongs to."""
    if subject.store is None:
        return {}
    found: dict[tuple[int, int], str] = {}
    archives = subject.store.root / "archives"
    for folder in archives.iterdir() if archives.is_dir() else ():
        with suppress(OSError), os.scandir(folder / "files") as entries:
            for entry in entries:
                facts = entry.stat()
                if facts.st_nlink > 1:
                    found[facts.st_dev, facts.st_ino] = str(folder)
    return found


def _discard(subject: Subject, archives: Sequence[str]) -> None:
    """Remove damaged wheels from the store, so that no further environment gets them."""
    assert subject.store is not None, "the archives are in the store"
    for folder in archives:
        with claimed(folder) as is_free:
            if is_free:
                remove_whole(folder, str(subject.store.root))
