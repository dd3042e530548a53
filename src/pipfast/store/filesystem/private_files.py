"""Files and folders of the store that other users cannot read; every run imports this module."""

from __future__ import annotations

import os
import stat

OWN = "pipfast"
"""pipfast's folder in pip's cache directory."""


def private_folder(path: str) -> None:
    """Create a folder of the store and its parents with mode 700, unless it exists.

    The folders above the store belong to pip and get the default mode. Raises OSError.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(path).st_mode):  # an error of this look is the cause
            raise
    except FileNotFoundError:
        parent, name = os.path.split(path)
        if name == OWN:
            make_folders(parent)
        else:
            private_folder(parent)
        private_folder(path)


def make_folders(path: str) -> None:
    """Create a folder and its parents with the default mode; it may exist. Raises OSError.

    `os.makedirs` alone reports that a folder exists if it cannot find out whether it does.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise


def private_file(path: str, flags: int) -> int:
    """Open a file, with mode 600 if it is new. An `opener` for `open`."""
    return os.open(path, flags, 0o600)
