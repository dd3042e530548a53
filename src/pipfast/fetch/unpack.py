"""Unpack source archives like pip, and never outside their folder (PEP 706)."""

from __future__ import annotations

import os
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from struct import error as StructError  # noqa: N812 - struct calls it "error"
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from zlib import error as ZlibError  # noqa: N812 - zlib calls it "error"

from pipfast.errors import InstallationError
from pipfast.fetch.archive_limits import (
    DICTIONARY_SIZE,
    UnpackedSizes,
    bounded_members,
    check_count,
)
from pipfast.fetch.decompress import (
    BZIP,
    IN_MEMORY,
    LZMA,
    compression_of,
    decompressed_into,
    is_lzma,
)
from pipfast.model.input_limits import LimitExceeded, Unit
from pipfast.store.filesystem.umask import current_umask
from pipfast.store.wheels.bounded_reads import BoundedReads

_open: Callable[..., tarfile.TarFile] = tarfile.open

_LONGEST = 1024
"""Less than every system's limit for a path, in characters."""

_CHUNK = 256 * 1024

_HAS_FILTERS = hasattr(tarfile, "data_filter")
"""Whether this Python has PEP 706; early releases of 3.10 and 3.11 do not."""

_HOLLOW_FILTERS = frozenset(((3, 10, 12), (3, 11, 4)))
"""Pythons whose `data_filter` rejects links that do not leave the folder (cpython#107845)."""


class BrokenArchive(InstallationError):
    """An archive cannot be read; pip exits with a traceback and code 2 here."""

    exit_code = 2

    def __init__(self, archive: str, error: BaseException) -> None:
        super().__init__(f"Cannot unpack {archive}: {type(error).__name__}: {error}")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack `archive` into `folder`, which may exist; a single top-level folder is omitted.

    The type is determined by the file name, otherwise by the first bytes. Files have the umask's
    modes, executable for all if they were for anyone. Raises InstallationError, with pip's
    message, for members outside the folder, links that lead outside, and devices; Bomb,
    LimitExceeded, BrokenArchive, and OSError. Files unpacked before an error remain.
    """
    name = os.path.realpath(archive)
    ending = name.lower()
    with _faults(name):
        if ending.endswith(".zip"):
            return _unzip(name, str(folder))
        if ending.endswith((".tar.gz", ".tgz", ".tar", *BZIP, *LZMA)):
            return _untar(name, str(folder))
        is_zip, is_tar = zipfile.is_zipfile(name), tarfile.is_tarfile(name)
        if is_zip and not is_tar:
            return _unzip(name, str(folder))
        if is_tar and not is_zip:
            return _untar(name, str(folder))
    raise InstallationError(
        f"  Cannot unpack file {name} (downloaded from {folder}, content-type: None); "
        f"cannot detect archive format\nERROR: Cannot determine archive format of {folder}"
    )


@contextmanager
def _faults(archive: str) -> Iterator[None]:
    faults: list[type[Exception]] = [
        tarfile.TarError,
        zipfile.BadZipFile,
        EOFError,
        ZlibError,
        KeyError,  # tarfile's error for a hard link without a target
        RuntimeError,  # zipfile's for a password or an unknown method, tarfile's recursion
        *(ValueError, OverflowError),  # of names that are not UTF-8, and of numbers
        StructError,
    ]
    lzma = sys.modules.get("lzma")
    if lzma is not None:
        faults.append(lzma.LZMAError)
    try:
        yield
    except tuple(faults) as error:
        raise BrokenArchive(archive, error) from None
    except OSError as error:
        if error.errno is None:  # the error of gzip and bz2 for invalid data
            raise BrokenArchive(archive, error) from None
        raise


def _split(path: str) -> tuple[str, str]:
    """Split a member's path at the first slash of either kind."""
    path = path.lstrip("/").lstrip("\\")
    places = [at for at in (path.find("/"), path.find("\\")) if at >= 0]
    if not places:
        return path, ""
    return path[: min(places)], path[min(places) + 1 :]


def _has_one_root(paths: Iterable[str]) -> bool:
    roots = {_split(path)[0] for path in paths}
    return "" not in roots and len(roots) <= 1


def _executable_mode() -> int:
    """Return the mode of an executable file: the umask's, executable for all."""
    return 0o777 & ~current_umask() | 0o111


def _unzip(archive: str, folder: str) -> None:
    sizes = UnpackedSizes(archive)
    executable = _executable_mode()
    inside = os.path.join(os.path.abspath(folder), "")
    _make(folder)
    with (
        open(archive, "rb") as whole,
        zipfile.ZipFile(cast("BinaryIO", BoundedReads(whole, archive))) as packed,
    ):
        check_count(len(packed.infolist()), archive)
        stripped = _has_one_root(packed.namelist())
        for member in packed.infolist():
            name = _split(member.filename)[1] if stripped else member.filename
            path = os.path.join(folder, name)
            if not os.path.join(os.path.abspath(path), "").startswith(inside):
                raise InstallationError(
                    f"The zip file ({archive}) has a file ({path}) trying to install "
                    f"outside target directory ({folder})"
                )
            if path.endswith(("/", "\\")):
                _make(path)
                continue
            _make(os.path.dirname(path))
            if member.compress_type == zipfile.ZIP_LZMA and member.file_size > DICTIONARY_SIZE:
                raise LimitExceeded(archive, DICTIONARY_SIZE >> 20, Unit.DICTIONARY)
            with packed.open(member.filename) as source, open(path, "wb") as file:
                while chunk := source.read(_CHUNK):  # the declared size may be wrong
                    sizes.add(len(chunk))
                    file.write(chunk)
            mode = member.external_attr >> 16
            if mode & 0o111 and mode & 0o170000 == 0o100000:
                os.chmod(path, executable)


def _make(folder: str) -> None:
    with suppress(
        FileExistsError
    ):  # an existing file is detected when something is written below it
        os.makedirs(folder)


def _untar(archive: str, folder: str) -> None:
    _make(folder)
    with _opened(archive) as packed:
        sizes = UnpackedSizes(archive)
        for count, member in enumerate(packed, 1):
            check_count(count, archive)
            if member.size < 0:  # set by a pax header
                raise tarfile.ReadError(str(member.size))
            if member.isreg():
                sizes.add(member.size)
        members = packed.getmembers()
        if _has_one_root(member.name for member in members):
            for member in members:
                _take_root_off(member)
        judge = _judge(archive, folder)
        if _HAS_FILTERS:
            packed.extractall(folder, filter=judge)  # noqa: S202 - the judge is stricter
            return
        for member in members:
            packed.extract(judge(member, folder), folder)


def _take_root_off(member: tarfile.TarInfo) -> None:
    """Omit the top-level folder, also in the targets of hard links."""
    root, member.name = _split(member.name)
    if member.islnk():
        target_root, target = _split(member.linkname)
        if target_root == root:
            member.linkname = target


def _judge(archive: str, folder: str) -> Callable[[tarfile.TarInfo, str], tarfile.TarInfo]:
    """Decide whether a member may be unpacked, and with which mode."""
    executable = _executable_mode()
    confined = _confined if _HAS_FILTERS else _confined_by_hand

    linked = False

    def judge(member: tarfile.TarInfo, _: str) -> tarfile.TarInfo:
        nonlocal linked
        marked = member.isfile() and member.mode & 0o111
        try:
            member = confined(member, folder)
            linked = linked or member.issym()
            if linked or member.islnk():
                _see_that_it_stays(member, folder)
        except tarfile.TarError as error:
            raise InstallationError(f"Invalid member in the tar file {archive}: {error}") from None
        if marked:
            member.mode = executable
        elif _HAS_FILTERS:
            member.mode = None  # type: ignore[assignment]
        else:
            member.mode = executable if member.isdir() else executable & 0o666
        return member

    return judge


def _see_that_it_stays(member: tarfile.TarInfo, folder: str) -> None:
    """Check a link again, and members that go through one.

    The filters of many Python releases accept ``x/`` for a link in a folder ``x``, and fail for
    paths that links make longer than the system's limit (CVE-2025-4138, 4330, 4517).
    """
    root = os.path.realpath(folder)
    name = member.name.rstrip("/")
    paths = [os.path.join(root, name)]
    if member.issym():
        paths.append(os.path.join(root, os.path.dirname(name), member.linkname))
    elif member.islnk():
        paths.append(os.path.join(root, member.linkname))
    for path in paths:
        if len(os.path.realpath(path)) >= _LONGEST or not _is_within(root, path):
            raise _outside(member, path)


def _outside(member: tarfile.TarInfo, path: str) -> tarfile.TarError:
    """Return the error of Pythons with PEP 706."""
    return tarfile.TarError(
        f"{member.name!r} would be extracted to {path!r}, which is outside the destination"
    )


def _confined(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.LinkOutsideDestinationError:
        if sys.version_info[:3] not in _HOLLOW_FILTERS:
            raise
        return tarfile.tar_filter(member, folder)


def _confined_by_hand(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Apply the rules of PEP 706 in a Python without it; checks unpacked files."""
    root = os.path.realpath(folder)
    member.name = member.name.lstrip("/" + os.sep)
    path = os.path.join(root, member.name)
    if os.path.isabs(member.name) or not _is_within(root, path):
        raise _outside(member, path)
    if member.issym() or member.islnk():
        if os.path.isabs(member.linkname):
            raise tarfile.TarError(f"{member.name!r} is a link to an absolute path")
    elif not (member.isreg() or member.isdir()):
        raise tarfile.TarError(f"{member.name!r} is a special file")
    member.uid = member.gid = -1
    member.uname = member.gname = ""
    return member


def _is_within(root: str, path: str) -> bool:
    return os.path.join(os.path.realpath(path), "").startswith(os.path.join(root, ""))


@contextmanager
def _opened(archive: str) -> Iterator[tarfile.TarFile]:
    """Open the tar file, decompressed once because its members are read twice.

    Data that does not decompress completely is left to tarfile, as in pip.
    """
    kind = compression_of(archive)
    mode = f"r:{kind}" if kind else "r"
    open_it = partial(_open, encoding="utf-8", tarinfo=bounded_members(archive))
    if kind in ("", "*"):
        kind = "xz" if is_lzma(archive) else ""
    if not kind:
        with open_it(archive, mode) as packed:
            yield packed
        return
    with SpooledTemporaryFile(IN_MEMORY) as space:
        if decompressed_into(archive, kind, space):
            with open_it(fileobj=space, mode="r:") as packed:
                yield packed
            return
    with open_it(archive, mode) as packed:
        yield packed
