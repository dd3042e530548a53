"""Files and folders of the store that other users cannot read; every run imports this module."""

from __future__ import annotations

import os

OWN = "pipfast"
"""The folder in pip's cache directory below which everything is ours."""


def private_folder(path: str) -> None:
    """Create a folder of the store and its parents, closed to other users; it may exist.

    The folders above the store are pip's and get the usual mode. Raises OSError.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    except FileNotFoundError:
        parent, name = os.path.split(path)
        if name == OWN:
            os.makedirs(parent, exist_ok=True)
        else:
            private_folder(parent)
        private_folder(path)


def private_file(path: str, flags: int) -> int:
    """Open a file for `open` that only this user can read if it is new."""
    return os.open(path, flags, 0o600)
