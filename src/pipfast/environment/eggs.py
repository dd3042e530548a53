"""What is left of eggs: their requirements, and those that are archives."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from pipfast.environment.interpreter import Interpreter
from pipfast.model.metadata import Metadata


def names_in_archive(path: str) -> list[str]:
    """The top-level names of an archive on the path; none of a wheel, which is not installed."""
    if path.endswith(".whl"):
        try:
            parse_wheel_filename(Path(path).name)
        except InvalidWheelFilename:
            pass
        else:
            return []
    try:
        with zipfile.ZipFile(path) as archive:
            return list(dict.fromkeys(name.partition("/")[0] for name in archive.namelist()))
    except (OSError, zipfile.BadZipFile):
        return []


def metadata_in_archive(info: Path) -> bytes:
    """PKG-INFO of the folder `info` that is in an archive; empty where that is not so."""
    return _in_archive(info, "PKG-INFO") or b""


def text_in_archive(info: Path, name: str) -> str | None:
    """The text of a file of the folder `info` that is in an archive; None where there is none."""
    data = _in_archive(info, name)
    return None if data is None else data.decode("utf-8", "replace")


def _in_archive(info: Path, name: str) -> bytes | None:
    try:
        with zipfile.ZipFile(info.parent) as archive:
            return archive.read(f"{info.name}/{name}")
    except (OSError, KeyError, zipfile.BadZipFile):
        return None


def link_folders(interpreter: Interpreter) -> tuple[str, ...]:
    """Where the ``.egg-link`` of a development install may be that is ours to remove, in order.

    A virtual environment's own come first in it, the user's anywhere else (pip behaviour).
    """
    own, user = interpreter.site_packages, interpreter.user_site
    if not interpreter.is_virtual:
        return (user, own) if user else (own,)
    return (own, user) if user and interpreter.sees_system_site else (own,)


def with_egg_requirements(metadata: Metadata, info: Path) -> Metadata:
    """`metadata` with the requirements and extras of ``requires.txt`` where it has none itself."""
    if metadata.requires_dist and metadata.provides_extra:
        return metadata
    try:
        text = (info / "requires.txt").read_text("utf-8")
    except OSError:
        return metadata
    entries = list(_entries(text))
    extras = dict.fromkeys(canonicalize_name(extra) for _, extra, _ in entries if extra)
    return replace(
        metadata,
        requires_dist=metadata.requires_dist or tuple(_requirement(*entry) for entry in entries),
        provides_extra=metadata.provides_extra or tuple(extras),
    )


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Requirement, extra and marker of each line; sections are ``[extra:marker]``."""
    extra = marker = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line.strip("[]").partition(":")
        elif line and not line.startswith("#"):
            yield line, extra, marker


def _requirement(requirement: str, extra: str, marker: str) -> str:
    """The entry as PEP 508 writes it."""
    needed = f'extra == "{canonicalize_name(extra)}"' if extra else ""
    if needed and marker:
        return f"{requirement} ; ({marker}) and {needed}"
    return f"{requirement} ; {needed or marker}" if needed or marker else requirement
