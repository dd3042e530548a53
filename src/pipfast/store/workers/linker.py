"""Fill folders with files of unpacked wheels; a script in Python 3.7 imports this module."""

from __future__ import annotations

import errno
import os
import stat

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
    from pipfast.store.workers.protocol import GeneratedFile, LinkedFile, LinkGroup

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


_OPENS_FOLDERS = {os.stat, os.link} <= os.supports_dir_fd and os.link in os.supports_follow_symlinks
"""Whether files can be named relative to an open folder, which saves looking up its path."""


_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)


class Linker:
    """Creates files with the first of `methods` that works, and keeps using it.

    `start` chooses the folder that the files are taken from; `close` is called at the end.
    """

    def __init__(self, methods: list[str]) -> None:
        self.user = os.geteuid() if hasattr(os, "geteuid") else None
        self.owner = self.user
        """The owner that the files of the source must have."""
        self.methods = self._preferred = methods
        self._usable: dict[int, list[str]] = {}
        self._source = ""
        self._folder: int | None = None

    def close(self) -> None:
        """Close the folder."""
        folder, self._folder = self._folder, None  # it is closed even if that fails
        if folder is not None:
            os.close(folder)

    def start(self, source: str) -> None:
        """Use `source`; copy if another user owns it or may write to it: he could change links.

        What did not work for a folder on the same file system is not tried again.
        """
        self.close()
        self._source = source + os.sep
        if _OPENS_FOLDERS:
            self._folder = os.open(source, _FOLDER)
        facts = os.stat(source if self._folder is None else self._folder)
        self.methods = self._usable.setdefault(facts.st_dev, list(self._preferred))
        if self.user is not None:
            self.owner = facts.st_uid
            if facts.st_uid != self.user or _is_open_to_others(facts):
                self.methods = ["copy"]

    def is_unchanged(self, name: str, size: int, mode: int, moment: int) -> bool:
        """Return whether a file is as it was unpacked. Raises FileNotFoundError."""
        if self._folder is None:
            facts = os.stat(self._source + name)
        else:
            facts = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        if facts.st_size != size or facts.st_mtime_ns != moment:
            return False
        owner = self.owner
        return owner is None or (facts.st_uid == owner and facts.st_mode == stat.S_IFREG | mode)

    def _link(self, name: str, target: str) -> None:
        method = self.methods[0]
        if method != "hardlink":
            (_clone if method == "clone" else _copy)(self._source + name, target)
        elif self._folder is None:
            os.link(self._source + name, target)
        else:
            os.link(name, target, src_dir_fd=self._folder, follow_symlinks=False)

    def put(self, name: str, target: str) -> None:
        """Create a file from the file `name` of the source. Raises OSError if no method works."""
        while True:
            try:
                self._link(name, target)
            except (OSError, ImportError) as error:  # noqa: PERF203
                number = errno.ENOSYS if isinstance(error, ImportError) else error.errno
                left = os.path.lexists(target) and not isinstance(error, FileExistsError)
                if number not in _CANNOT_LINK or len(self.methods) == 1 or left:
                    raise
                if number == errno.EMLINK:
                    _copy(self._source + name, target)  # the source has as many links as it can
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
    linker = Linker(job.methods)
    made: set[str] = set()
    wanted = {folder for _, _, folders in job.groups for folder, _ in folders}
    for folder in sorted(wanted.union(map(os.path.dirname, wanted))):  # parents come first
        end_if_orphaned()
        make_folder(folder, made)
    try:
        changed = [group[0] for group in job.groups if not _link_group(linker, group)]
    finally:
        linker.close()
    for file in job.writes:
        _write_generated(file, made)
    return LinkedFiles(changed)


def _link_group(linker: Linker, group: LinkGroup) -> bool:
    """Link files of one source folder; return False if one of them is not as it was unpacked."""
    source, mtime, folders = group
    try:
        linker.start(source)
        for folder, files in folders:
            if not _fill(linker, mtime, folder + os.sep, files):
                return False
    except FileNotFoundError:
        return False
    return True


def _fill(linker: Linker, mtime: int, folder: str, files: list[LinkedFile]) -> bool:
    """Create the files of a folder; return False if one of them is not as it was unpacked."""
    is_unchanged, put, moment = linker.is_unchanged, linker.put, mtime * 1_000_000_000
    for name, number, size, mode in files:
        end_if_orphaned()
        origin = str(number)
        if not is_unchanged(origin, size, mode, moment):
            return False
        put(origin, folder + name)
    return True


def _write_generated(file: GeneratedFile, made: set[str]) -> None:
    end_if_orphaned()
    path, data, mode, compiled = file
    make_folder(os.path.dirname(path), made)
    if mode:
        write_executable(path, (data,), 0, current_umask(), mode)
    else:
        write(path, (data,), 0o666, 0)
    if compiled:
        code = bytecode(data, os.path.basename(path), int(os.stat(path).st_mtime) & 0xFFFFFFFF)
        if code is not None:
            make_folder(os.path.dirname(compiled), made)
            write(compiled, (code,), 0o666, 0)
