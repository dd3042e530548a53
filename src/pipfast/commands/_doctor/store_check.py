"""The store: whether it can be used, its size, and the unpacked wheels in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipfast.commands._doctor.subject import Subject
from pipfast.model.findings import ArchiveDamaged, Finding, StoreFacts, StoreUnusable
from pipfast.policy.storage import cache_policy
from pipfast.store.filesystem.in_use import claimed
from pipfast.store.filesystem.owned_names import unused_name
from pipfast.store.inventory import size_of
from pipfast.store.wheels.bytecode import remove_whole
from pipfast.store.wheels.manifest import unseal


def find(subject: Subject) -> Iterator[Finding]:
    """Yield whether the store can be written, its size, and the damaged wheels in it."""
    configured = subject.settings.text("cache_dir")
    if subject.store is None:
        yield StoreUnusable(configured or "", cache_policy(subject.settings).warning or "")
        return
    root = subject.store.root
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    why = _why_not_writable(existing)
    if why:
        yield StoreUnusable(str(root), why)
    archives = [*(root / "archives").iterdir()] if (root / "archives").is_dir() else []
    free = shutil.disk_usage(existing).free
    yield StoreFacts(str(root), len(archives), size_of(root), free)
    for folder in sorted(archives):
        wheel = _damaged(folder)
        if wheel is not None:
            yield ArchiveDamaged(str(folder), wheel)


def _why_not_writable(folder: Path) -> str:
    """Return why no file can be created in a folder, empty if one can."""
    probe = folder / unused_name("pipfast-probe")
    try:
        probe.touch(0o600, exist_ok=False)
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def mend(subject: Subject, findings: Sequence[Finding]) -> None:
    """Remove damaged wheels from the store; they are unpacked again when they are needed."""
    assert subject.store is not None, "what is damaged is in the store"
    for each in findings:
        if isinstance(each, ArchiveDamaged):
            with claimed(each.folder) as is_free:
                if is_free:
                    remove_whole(each.folder, str(subject.store.root))


def _damaged(folder: Path) -> str | None:
    """Return the wheel of an archive if sizes or times of its files are not as in its manifest.

    The wheel is empty if the manifest is unreadable. None if nothing was changed.
    """
    try:
        mtime, _, (wheel, names, sizes, *_) = unseal((folder / "manifest").read_bytes())
    except FileNotFoundError:
        return None if not folder.exists() else ""  # a running process may have removed it
    except (OSError, ValueError):
        return ""
    name = os.path.basename(str(wheel))
    for number in range(len(names)):
        try:
            facts = os.stat(folder / "files" / str(number))
        except OSError:
            return name if folder.exists() else None
        if facts.st_size != sizes[number] or facts.st_mtime_ns != mtime * 1_000_000_000:
            return name
    return None
