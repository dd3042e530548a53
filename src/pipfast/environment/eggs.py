"""Eggs: their requirements, and zipped eggs."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pipfast.environment.interpreter import Interpreter
from pipfast.model import wheel_name
from pipfast.model.project_names import canonical_name


def names_in_archive(path: str) -> list[str]:
    """Return the top-level names of an archive on the path; none for a wheel."""
    if path.endswith(".whl"):
        try:
            wheel_name.parse(os.path.basename(path))
        except wheel_name.InvalidWheelName:
            pass
        else:
            return []
    from zipfile import ZipFile

    try:
        with ZipFile(path) as archive:
            return list(dict.fromkeys(name.partition("/")[0] for name in archive.namelist()))
    except _damage():
        return []


def _damage() -> tuple[type[Exception], ...]:
    """Return what zipfile raises for an archive that cannot be read."""
    from zipfile import BadZipFile
    from zlib import error as zlib_error

    return (
        *(OSError, BadZipFile, EOFError, zlib_error, KeyError),
        RuntimeError,  # of a password or an unknown method
        *(ValueError, OverflowError),  # of names and numbers
    )


def data_in_archive(info: str, name: str) -> bytes | None:
    """Return a file of the folder `info` inside an archive; None if there is none."""
    archive, folder = os.path.split(info)
    from zipfile import ZipFile

    try:
        with ZipFile(archive) as opened:
            return opened.read(f"{folder}/{name}")
    except _damage():
        return None


def link_folders(interpreter: Interpreter) -> tuple[str, ...]:
    """Yield where the ``.egg-link`` of a development install may be, in pip's order.

    In a virtual environment its own folder is first, elsewhere the user's (pip behaviour).
    """
    own, user = interpreter.site_packages, interpreter.user_site
    if not interpreter.is_virtual:
        return (user, own) if user else (own,)
    return (own, user) if user and interpreter.sees_system_site else (own,)


def egg_requirements(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the requirements and extras of an egg-info's ``requires.txt`` in PEP 508 form."""
    entries = list(_entries(text))
    extras = dict.fromkeys(canonical_name(extra) for _, extra, _ in entries if extra)
    return tuple(_requirement(*entry) for entry in entries), tuple(extras)


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield requirement, extra and marker of each line; sections are ``[extra:marker]``."""
    extra = marker = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line.strip("[]").partition(":")
        elif line and not line.startswith("#"):
            yield line, extra, marker


def _requirement(requirement: str, extra: str, marker: str) -> str:
    """Return the entry in PEP 508 form."""
    needed = f'extra == "{canonical_name(extra)}"' if extra else ""
    if needed and marker:
        return f"{requirement} ; ({marker}) and {needed}"
    return f"{requirement} ; {needed or marker}" if needed or marker else requirement
