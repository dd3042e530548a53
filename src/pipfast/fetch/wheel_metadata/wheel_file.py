"""Read the metadata inside a wheel."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import InstallationError
from pipfast.model.events import Listener, NewerWheelVersion, silent

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
        with ZipFile(file) as archive:
            folder = info_folder(archive.namelist(), name)
            version = _version(archive, folder, name)
            text = _member(archive, f"{folder}/METADATA", name, optional=True)
    except BadZipFile:
        raise InvalidWheel(name, location) from None
    if version > NEWEST:
        emit(NewerWheelVersion(version))
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsupportedWheel(
            f"Error decoding metadata for {location}: {error} in METADATA file"
        ) from None
    return text


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


def _version(archive: ZipFile, folder: str, name: NormalizedName) -> tuple[int, ...]:
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


def _member(archive: ZipFile, path: str, name: NormalizedName, *, optional: bool = False) -> bytes:
    try:
        return archive.read(path)
    except KeyError as error:
        if optional:
            return b""
        raise _invalid(name, f"could not read {path!r} file: {error!r}") from None
    except (BadZipFile, RuntimeError, zlib.error, struct.error, EOFError) as error:
        raise _invalid(name, f"could not read {path!r} file: {error!r}") from None


def _invalid(name: NormalizedName, why: str) -> UnsupportedWheel:
    return UnsupportedWheel(f"{name} has an invalid wheel, {why}")
