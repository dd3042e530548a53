"""Temporary names that contain the process that uses them, so that later runs can clean up.

All temporary files and folders of pipfast have such a name. They are in the folder `tmp` of the
store, in the system's temporary folder, or in the folder that is being written to. A name ends with
a system id, a process id, the start time of the process, and a random number, all in hexadecimal.
The system id stands for a boot of the system and a process namespace, where process ids are unique.
"""

from __future__ import annotations

import errno
import os
import time
from binascii import crc32
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pipfast.store.filesystem.private_files import private_folder

TEMPORARY = "tmp"
"""The store's folder for temporary files and folders."""

_FOREIGN_AGE = 86_400.0  # seconds after which names of other systems count as unused
_ATTEMPTS = 5
_OWNERS: dict[int, str] = {}
_SWEPT: set[tuple[int, str]] = set()


def owner() -> str:
    """Return the part of names that identifies this process."""
    pid = os.getpid()
    if pid not in _OWNERS:
        _OWNERS[pid] = f"{_system_id()}-{pid:x}-{max(_start_of(pid), 0):x}"
    return _OWNERS[pid]


def unused_name(prefix: str = "new") -> str:
    """Return a temporary name that no other process or thread uses."""
    return f"{prefix}-{owner()}-{os.urandom(4).hex()}"


def temporary_store_path(root: str) -> str:
    """Return an unused path in the folder `tmp` of the store `root`, which is created.

    Removes what killed runs left there. Raises OSError.
    """
    folder = os.path.join(root, TEMPORARY)
    private_folder(folder)
    sweep(folder)
    return os.path.join(folder, unused_name())


def temporary_folder(prefix: str, parent: str | None = None) -> str:
    """Create a folder in `parent`, by default the system's temporary folder, and return its path.

    Removes what killed runs left there. `prefix` begins with ``pip``. Raises OSError.
    """
    import tempfile

    parent = parent or tempfile.gettempdir()
    sweep(parent)
    path = os.path.join(parent, unused_name(prefix))
    os.mkdir(path, 0o700)
    return path


def temporary_store_folder(root: str) -> str:
    """Create a folder in the folder `tmp` of the store `root`. Raises OSError."""
    for _ in range(_ATTEMPTS):
        path = temporary_store_path(root)
        try:
            os.mkdir(path, 0o700)
        except FileNotFoundError:
            continue
        return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), root)


@contextmanager
def temporary(prefix: str) -> Iterator[str]:
    """Yield a new folder in the system's temporary folder, and remove it afterwards."""
    folder = temporary_folder(prefix)
    try:
        yield folder
    finally:
        remove(folder)


def sweep(folder: str) -> None:
    """Remove what killed runs of this user left in `folder`, once per process."""
    key = os.getpid(), folder
    if key in _SWEPT:
        return
    _SWEPT.add(key)
    try:
        with os.scandir(folder) as entries:
            left = [entry.path for entry in entries if is_abandoned(entry)]
    except OSError:
        return
    for path in left:
        remove(path)


def remove(path: str) -> None:
    """Remove a file or folder as far as possible; a symbolic link is not followed."""
    if os.path.isdir(path) and not os.path.islink(path):
        from pipfast.store.filesystem.rmtree import discard_trees  # few runs find any

        discard_trees(path)
        return
    with suppress(OSError):
        os.unlink(path)


def is_abandoned(entry: os.DirEntry[str]) -> bool:
    """Return whether a killed run of this user left `entry`."""
    parts = entry.name.rsplit("-", 4)
    if len(parts) != 5 or len(parts[1]) != 8 or len(parts[4]) != 8:
        return False
    try:
        pid, start, _ = (int(part, 16) for part in parts[2:])
        facts = entry.stat(follow_symlinks=False)
    except (OSError, ValueError):
        return False
    if hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
        return False
    if os.name == "nt" or parts[1] != owner()[:8]:
        return facts.st_mtime < time.time() - _FOREIGN_AGE
    return not _is_running(pid, start)


def _is_running(pid: int, start: int) -> bool:
    """Return whether the process that started at `start` is running; ids are reused."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # of another user
    return _start_of(pid) in (start, 0)


def _start_of(pid: int) -> int:
    """Return the start time of a process, in clock ticks since boot.

    It is -1 for a process that has ended, and 0 if unknown.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0
    return -1 if fields[0] in (b"Z", b"X") else int(fields[19])


def boot_id() -> str:
    """Return a text that changes with each boot of the system; empty if unknown."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def _system_id() -> str:
    """Return an id of this boot and process namespace: eight hexadecimal digits."""
    try:
        system = f"{boot_id()} {os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        system = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{crc32(system.encode()):08x}"
