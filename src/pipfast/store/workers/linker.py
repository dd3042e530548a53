"""Fill folders with files of unpacked wheels; a script in Python 3.7 imports this module."""

from __future__ import annotations

import errno
import os

from pipfast.store.filesystem.umask import current_umask
from pipfast.store.workers.file_writer import (
    OPEN_NEW,
    end_if_orphaned,
    make_folder,
    write,
    write_executable,
)
from pipfast.store.workers.module_compiler import bytecode
from pipfast.store.workers.protocol import LinkedFiles, LinkFiles

TYPE_CHECKING = False  # type checkers know this name; importing typing takes 5 ms
if TYPE_CHECKING:
    from pipfast.store.workers.protocol import GeneratedFile, LinkedFile

_FICLONE = 0x40049409  # linux/fs.h
_CANNOT_LINK = (
    *(errno.EXDEV, errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK),
    *(errno.EINVAL, errno.ENOTTY, errno.ENOTSUP, errno.EOPNOTSUPP),
)


def _clone(source: str, target: str) -> None:
    import fcntl

    with open(source, "rb") as old:
        handle = os.open(target, OPEN_NEW, 0o600)
        try:
            fcntl.ioctl(handle, _FICLONE, old.fileno())
        except OSError:
            os.unlink(target)
            raise
        finally:
            os.close(handle)
    _copy_mode_and_time(source, target)


def _copy_mode_and_time(source: str, target: str) -> None:
    """Copy mode and time of `source` to `target`, because bytecode depends on the module's time."""
    facts = os.stat(source)
    os.chmod(target, facts.st_mode & 0o777)
    os.utime(target, ns=(facts.st_mtime_ns, facts.st_mtime_ns))


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as old:
        write(target, iter(lambda: old.read(1 << 20), b""), 0o600, 0)
    _copy_mode_and_time(source, target)


_LINK_METHODS = {"clone": _clone, "hardlink": os.link, "copy": _copy}


class Linker:
    """Creates files with the first of `methods` that works, and keeps using it."""

    def __init__(self, methods: list[str]) -> None:
        self.methods = list(methods)
        self.user = os.geteuid() if hasattr(os, "geteuid") else None
        self.owner = self.user
        """The owner that the files of the source must have."""

    def start(self, source: str) -> None:
        """Copy if another user owns `source` or may write to it: he could change linked files."""
        if self.user is None:
            return
        facts = os.stat(source)
        self.owner = facts.st_uid
        if facts.st_uid != self.user or _is_open_to_others(facts):
            self.methods = ["copy"]

    def put(self, source: str, target: str) -> None:
        """Create a file. Raises OSError if no method works."""
        while True:
            try:
                _LINK_METHODS[self.methods[0]](source, target)  # type: ignore[operator]
            except (OSError, ImportError) as error:  # noqa: PERF203
                number = errno.ENOSYS if isinstance(error, ImportError) else error.errno
                left = os.path.lexists(target) and not isinstance(error, FileExistsError)
                if number not in _CANNOT_LINK or len(self.methods) == 1 or left:
                    raise
                if number == errno.EMLINK:
                    _copy(source, target)  # this file has reached the maximum number of links
                    return
                del self.methods[0]
            else:
                return


def _is_open_to_others(facts: os.stat_result) -> bool:
    """Return whether other users may write; a group with its user's number is private."""
    by_group = facts.st_mode & 0o020 and facts.st_gid != facts.st_uid
    return bool(facts.st_mode & 0o002 or by_group)


def link(job: LinkFiles) -> LinkedFiles:
    """Link files of archives into folders, and write generated files. Raises OSError."""
    changed = []
    for source, mtime, folders in job.groups:
        linker = Linker(job.methods)
        try:
            linker.start(source)
            for folder, files in folders:
                make_folder(folder)
                if not _fill(linker, source + os.sep, mtime, folder + os.sep, files):
                    changed.append(source)
        except FileNotFoundError:
            changed.append(source)
    for file in job.writes:
        _write_generated(file)
    return LinkedFiles(changed)


def _fill(linker: Linker, source: str, mtime: int, folder: str, files: list[LinkedFile]) -> bool:
    """Create the files of a folder; return False if one of them is not as it was unpacked."""
    stat, put, owner, moment = os.stat, linker.put, linker.owner, mtime * 1_000_000_000
    for name, number, size, mode in files:
        end_if_orphaned()
        origin = source + str(number)
        facts = stat(origin)
        if facts.st_size != size or facts.st_mtime_ns != moment:
            return False
        if owner is not None and (facts.st_uid != owner or facts.st_mode & 0o7777 != mode):
            return False
        put(origin, folder + name)
    return True


def _write_generated(file: GeneratedFile) -> None:
    end_if_orphaned()
    path, data, mode, compiled = file
    make_folder(os.path.dirname(path))
    if mode:
        write_executable(path, (data,), 0, current_umask(), mode)
    else:
        write(path, (data,), 0o666, 0)
    if compiled:
        code = bytecode(data, os.path.basename(path), int(os.stat(path).st_mtime) & 0xFFFFFFFF)
        if code is not None:
            make_folder(os.path.dirname(compiled))
            write(compiled, (code,), 0o666, 0)
