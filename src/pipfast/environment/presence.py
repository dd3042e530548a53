"""Check what is at a path, and raise an error if the system cannot tell.

`os.path.exists` and similar functions take every error for absence. A folder that cannot be read
because too many files are open, or because the disk fails, would look empty, and files in it would
be left behind or treated as lost.
"""

from __future__ import annotations

import errno
import os
import stat

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


def is_absence(error: OSError, path: str) -> bool:
    """Return whether an error means that nothing is at `path`, or that this user may not read it.

    pip treats the two alike.
    """
    if error.errno in _ABSENT:
        return True
    if not isinstance(error, PermissionError):
        return False
    return os.name == "nt" or not os.access(path or ".", os.R_OK)  # Windows denies reading folders


def is_there(path: str) -> bool:
    """Return whether `path` exists; a link need not have a target. Raises OSError if unknown."""
    return _mode(path, follow=False) is not None


def exists(path: str) -> bool:
    """Return whether `path` or the target of a link exists. Raises OSError if unknown."""
    return _mode(path, follow=True) is not None


def is_folder(path: str) -> bool:
    """Return whether `path` is a folder or a link to one. Raises OSError if unknown."""
    mode = _mode(path, follow=True)
    return mode is not None and stat.S_ISDIR(mode)


def is_real_folder(path: str) -> bool:
    """Return whether `path` is a folder and no link. Raises OSError if unknown."""
    mode = _mode(path, follow=False)
    return mode is not None and stat.S_ISDIR(mode)


def is_link(path: str) -> bool:
    """Return whether `path` is a symbolic link. Raises OSError if unknown."""
    mode = _mode(path, follow=False)
    return mode is not None and stat.S_ISLNK(mode)


def make_folders(folder: str) -> None:
    """Create a folder and its parents if they are missing. Raises OSError with the cause.

    `os.makedirs` alone reports that a folder exists if it cannot find out whether it does.
    """
    if not is_folder(folder):
        os.makedirs(folder, exist_ok=True)


def names_in(folder: str) -> list[str]:
    """Return the names in a folder; none if it does not exist or this user may not read it.

    Raises OSError if it cannot be read for another reason.
    """
    try:
        return os.listdir(folder or ".")
    except OSError as error:
        if is_absence(error, folder):
            return []
        raise


def _mode(path: str, *, follow: bool) -> int | None:
    try:
        return (os.stat if follow else os.lstat)(path).st_mode
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    except ValueError:  # a null character
        return None
