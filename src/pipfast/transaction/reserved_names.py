"""Names that only transactions use; a wheel that contains one is not installed.

Commands that only read an environment import this module at each start, so it imports little.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from pipfast.environment.presence import is_there

TRANSACTION_FOLDER = ".pipfast-transaction"
"""Name of the folder of a transaction; later ones have a number at the end.

A further one is only needed while a folder of this name cannot be removed or trusted.
"""

LOCK_FILE = ".pipfast-lock"
"""Name of the lock file on Windows, where a folder cannot be locked; removed after use."""

_RESERVED = (TRANSACTION_FOLDER, LOCK_FILE)


def is_reserved(name: str) -> bool:
    """Return whether `name`, without its folder, is reserved; file systems may ignore case."""
    return name.lower().startswith(_RESERVED)


def reserved_path(paths: Iterable[str]) -> str | None:
    """Return the first of `paths` with a reserved name at any level, None if there is none."""
    paths = tuple(paths)
    if not any(name in "\n".join(paths).lower() for name in _RESERVED):
        return None
    for path in paths:
        if any(map(is_reserved, path.replace("\\", "/").split("/"))):
            return path
    return None


def transaction_folders(root: str) -> list[str]:
    """Return the paths of all folders of transactions in `root`, the newest first.

    Costs one system call if there is none. Raises OSError if that is unknown.
    """
    if not is_there(os.path.join(root, TRANSACTION_FOLDER)):
        return []
    names = [name for name in os.listdir(root) if name.startswith(TRANSACTION_FOLDER)]
    return [os.path.join(root, name) for name in sorted(names, reverse=True)]


def unused_transaction_folder(root: str) -> str:
    """Return the path of a transaction folder that does not exist in `root`."""
    path = first = os.path.join(root, TRANSACTION_FOLDER)
    number = 1
    while is_there(path):
        number += 1
        path = f"{first}-{number:03}"
    return path
