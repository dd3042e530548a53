"""Check that a built wheel belongs to the requested project."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import (
    canonicalize_name,
    canonicalize_version,
)
from packaging.version import InvalidVersion

from pipfast.model import wheel_name
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.metadata import parse_metadata
from pipfast.model.requirement import parsed_version

_METADATA = lazy_pattern(r"[^/]+\.dist-info/METADATA")


def fault_of(wheel: Path, name: str) -> str | None:
    """Return what is wrong with the `wheel` of the project `name`, in pip's words, or None.

    Its file name must contain the project and the version of its METADATA, which needs a
    Metadata-Version. The requested version is not checked (pip behaviour).
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
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(wheel) as archive:
            found = [one for one in archive.namelist() if _METADATA.fullmatch(one)]
            if not found:
                return None
            return archive.read(found[0]).decode("utf-8", "surrogateescape")
    except (BadZipFile, OSError):
        return None
