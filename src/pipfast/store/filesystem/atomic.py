"""Files that are put into a folder in one step, for all who look there."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from pipfast.store.filesystem.entries import unused_name


def sha256_of(path: Path) -> str:
    """The digest of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def put(wheel: Path, folder: Path) -> Path:
    """Move a file into `folder`, in one step for all who look there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.name
    try:
        wheel.replace(path)
    except OSError:  # on another file system
        return copy(wheel, folder)
    return path


def copy(wheel: Path, folder: Path) -> Path:
    """Put another name for a file, or a copy of it, into `folder`, in one step."""
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / unused_name()
    try:
        try:
            os.link(wheel, aside)
        except OSError:
            shutil.copyfile(wheel, aside)
        path = folder / wheel.name
        aside.replace(path)
    finally:
        with suppress(OSError):
            aside.unlink()
    return path
