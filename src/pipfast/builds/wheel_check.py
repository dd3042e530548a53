"""Check that a built wheel belongs to the requested project."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import (
    canonicalize_name,
    canonicalize_version,
)
from packaging.version import InvalidVersion

from pipfast.model import wheel_name
from pipfast.model.input_limits import METADATA_SIZE, is_excessive
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.metadata import parse_metadata
from pipfast.model.requirement import parsed_version
from pipfast.store.wheels.unpacked import rejected
from pipfast.store.workers import zip_faults
from pipfast.store.workers.zip_directory import BadWheelError
from pipfast.store.workers.zip_reader import FileSource, content, members

_METADATA = lazy_pattern(r"[^/]+\.dist-info/METADATA")


def fault_of(wheel: Path, name: str) -> str | None:
    """Return what is wrong with the `wheel` of the project `name`, in pip's words, or None.

    Its file name must contain the project and the version of its METADATA, which needs a
    Metadata-Version. The requested version is not checked (pip behaviour). Raises
    InstallationError for a file that is no proper archive.
    """
    try:
        named, version, _, _ = wheel_name.parse(wheel.name)
    except wheel_name.InvalidWheelName as error:
        return str(error)
    expected = canonicalize_name(name)
    if named != expected:
        return f"Wheel has unexpected file name: expected {expected!r}, got {named!r}"
    document = _metadata(wheel)
    if document is None:
        return f"{name} has an invalid wheel, METADATA is missing"
    metadata = parse_metadata(document)
    stated = metadata.version
    if canonicalize_version(stated) != canonicalize_version(version):
        return f"Wheel has unexpected file name: expected {stated!r}, got {str(version)!r}"
    if not metadata.metadata_version:
        return "Missing Metadata-Version"
    try:
        parsed_version(metadata.metadata_version)
    except InvalidVersion:
        return f"Invalid Metadata-Version: {metadata.metadata_version}"
    return None


def _metadata(wheel: Path) -> str | None:
    """Return METADATA; None if it is missing or there is no file. Raises InstallationError."""
    try:
        with wheel.open("rb") as file:
            data = FileSource(file)
            found = [one for one in members(data) if _METADATA.fullmatch(one.name)]
            if not found:
                return None
            if max(found[0].size, found[0].packed) > METADATA_SIZE:
                raise BadWheelError(zip_faults.TOO_LARGE, repr(found[0].name))
            raw = content(found[0], data)
    except BadWheelError as error:
        raise rejected(str(wheel), error.fault, error.member) from None
    except OSError:
        return None
    if is_excessive(raw):
        raise rejected(str(wheel), zip_faults.TOO_LARGE, repr(found[0].name))
    return raw.decode("utf-8", "surrogateescape")
