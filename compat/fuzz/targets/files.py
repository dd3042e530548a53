"""A folder in memory for parsers that read files; one for each process."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path
from shutil import rmtree


@cache
def scratch() -> Path:
    """Return an empty folder, which is removed at the end."""
    memory = "/dev/shm"
    usable = os.path.isdir(memory) and os.access(memory, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="pipfast-fuzz-", dir=memory if usable else None))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def written(name: str, data: bytes) -> Path:
    """Return the path of a file with this content."""
    path = scratch() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
