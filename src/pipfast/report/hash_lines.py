"""The lines of `pip hash`."""

from __future__ import annotations


def hash_option(path: str, algorithm: str, digest: str) -> str:
    """Return a file's path and the ``--hash`` option for it."""
    return f"{path}:\n--hash={algorithm}:{digest}"
