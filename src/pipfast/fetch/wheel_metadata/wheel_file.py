"""Read the metadata inside a wheel."""

from __future__ import annotations

import io
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import InstallationError
from pipfast.model.events import Listener, NewerWheelVersion, silent
from pipfast.model.input_limits import METADATA_SIZE, LimitExceeded, is_excessive
from pipfast.store.wheels.bounded_reads import BoundedReads, zipfile_errors
from pipfast.store.wheels.unpacked import AmbiguousWheel
from pipfast.store.workers import zip_faults
from pipfast.store.workers.zip_directory import BadWheelError, Member
from pipfast.store.workers.zip_reader import content, members

NEWEST = (1, 0)
"""The supported Wheel-Version (PEP 427)."""


class UnsupportedWheel(InstallationError):
    """A wheel that cannot be installed, with pip's message."""


class InvalidWheel(InstallationError):
    """A file is not a wheel, because it is not a ZIP archive."""

    def __init__(self, name: str, location: str) -> None:
        super().__init__(f"Wheel '{name}' located at {location} is invalid.")


def read_document(
    file: BinaryIO, name: NormalizedName, location: str, emit: Listener = silent
) -> bytes:
    """Return the METADATA document of the wheel in `file`; `location` is its name in errors.

    A wheel of a newer minor format is reported to `emit`.

    Raises InvalidWheel and UnsupportedWheel. Source: binary distribution format; finding the
    folder and rejecting wheels follows pip.
    """
    try:
        archive = _Archive(file)
        folder = info_folder(list(archive.files), name)
        version = _version(archive, folder, name)
        text = _member(archive, f"{folder}/METADATA", name, optional=True)
    except BadWheelError as error:
        raise _rejected(file, name, location, error) from None
    if version > NEWEST:
        emit(NewerWheelVersion(version))
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsupportedWheel(
            f"Error decoding metadata for {location}: {error} in METADATA file"
        ) from None
    return text


class _Archive:
    """The files of a wheel by name, as they will be installed."""

    def __init__(self, file: BinaryIO) -> None:
        self._source = _Source(file)
        self.files: dict[str, Member] = {each.name: each for each in members(self._source)}

    def read(self, path: str) -> bytes:
        """Return the content of a metadata file. Raises KeyError, BadWheelError."""
        member = self.files[path]
        if max(member.size, member.packed) > METADATA_SIZE:
            raise BadWheelError(zip_faults.TOO_LARGE, repr(path))
        raw = content(member, self._source)
        if is_excessive(raw):
            raise BadWheelError(zip_faults.TOO_LARGE, repr(path))
        return raw


class _Source:
    """The bytes of a seekable file by their place."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        start, stop = max(0, place.start), min(place.stop, self._size)
        self._file.seek(start)
        pieces, missing = [], max(0, stop - start)
        while missing and (piece := self._file.read(missing)):  # a raw file may return less
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)


def _rejected(
    file: BinaryIO, name: NormalizedName, location: str, error: BadWheelError
) -> InstallationError:
    """Return the error for an archive that is not accepted: pip's where pip has one."""
    try:
        bounded = cast("BinaryIO", BoundedReads(file, location))
        with ZipFile(bounded) as archive:
            folder = info_folder(archive.namelist(), name)
            _try(archive, f"{folder}/WHEEL", name)
    except BadZipFile:
        return InvalidWheel(name, location)
    except UnsupportedWheel as fault:
        return fault
    except zipfile_errors(OSError, LimitExceeded):
        pass  # pip ends with a traceback
    return AmbiguousWheel(location, error.fault, error.member)


def _try(archive: ZipFile, path: str, name: NormalizedName) -> None:
    """Read a file whose content does not matter. Raises UnsupportedWheel with pip's message."""
    try:
        with archive.open(path) as file:
            while file.read(1 << 16) and file.tell() < METADATA_SIZE:
                pass
    except NotImplementedError:
        raise  # a RuntimeError
    except (BadZipFile, KeyError, RuntimeError) as error:
        raise _invalid(name, f"could not read {path!r} file: {error!r}") from None


def info_folder(members: list[str], name: NormalizedName) -> str:
    """Return the only ``.dist-info`` folder among a wheel's `members`.

    Raises UnsupportedWheel if there is none, several, or one of another project.
    """
    tops = dict.fromkeys(member.split("/", 1)[0] for member in members)
    folders = [top for top in tops if top.endswith(".dist-info")]
    if not folders:
        raise _invalid(name, ".dist-info directory not found")
    if len(folders) > 1:
        listed = ", ".join(folders)
        raise _invalid(name, f"multiple .dist-info directories found: {listed}")
    if not canonicalize_name(folders[0]).startswith(name):
        raise _invalid(name, f".dist-info directory {folders[0]!r} does not start with {name!r}")
    return folders[0]


def _version(archive: _Archive, folder: str, name: NormalizedName) -> tuple[int, ...]:
    """Return the wheel's format version; a newer major version is not supported."""
    path = f"{folder}/WHEEL"
    try:
        text = _member(archive, path, name).decode()
    except UnicodeDecodeError as error:
        raise _invalid(name, f"error decoding {path!r}: {error!r}") from None
    version = _field(text, "wheel-version")
    if version is None:
        raise _invalid(name, "WHEEL is missing Wheel-Version")
    try:
        numbers = tuple(map(int, version.split(".")))
    except ValueError:
        raise _invalid(name, f"invalid Wheel-Version: {version!r}") from None
    if numbers[0] > NEWEST[0]:
        raise UnsupportedWheel(
            f"{name}'s Wheel-Version ({'.'.join(map(str, numbers))}) is not compatible with this "
            "version of pip"
        )
    return numbers


def _field(text: str, wanted: str) -> str | None:
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() == wanted:
            return value.strip()
        if not line.strip():
            break
    return None


def _member(archive: _Archive, path: str, name: NormalizedName, *, optional: bool = False) -> bytes:
    if path in archive.files:
        return archive.read(path)
    if optional:
        return b""
    missing = KeyError(f"There is no item named {path!r} in the archive")
    raise _invalid(name, f"could not read {path!r} file: {missing!r}")


def _invalid(name: NormalizedName, why: str) -> UnsupportedWheel:
    return UnsupportedWheel(f"{name} has an invalid wheel, {why}")
