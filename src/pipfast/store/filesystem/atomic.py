"""Atomic creation of files."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from pipfast.store.filesystem.owned_names import sweep, unused_name


def sha256_of(path: Path) -> str:
    """Return a file's digest in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def put(wheel: Path, folder: Path) -> Path:
    """Move a file into `folder` atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.name
    try:
        wheel.replace(path)
    except OSError:  # on another file system
        return copy(wheel, folder)
    return path


def copy(wheel: Path, folder: Path) -> Path:
    """Link or copy a file into `folder` atomically."""
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    sweep(str(folder))
    aside = folder / unused_name(".aside")
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
