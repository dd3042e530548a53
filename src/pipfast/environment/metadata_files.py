"""Read the files of a metadata folder like `importlib.metadata`."""

from __future__ import annotations

import os

from pipfast.environment.presence import is_absence
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata_document import EXTRAS, REQUIRES, Document, lines_ended

LARGEST = 32 << 20
"""Bytes of a file in a metadata folder; a larger one is treated as missing."""

DIRECT_URL_SIZE = 1 << 20
"""Bytes of a direct_url.json; a larger one is cut off, and therefore invalid."""

_LARGE = 100_000
"""Bytes of METADATA that is looked at before it is parsed; few projects have more."""

RECORD_LINES = 1_000_000
"""Line endings of an installed RECORD, which any installer may have written."""


def read(path: str, size: int = -1) -> bytes | None:
    """Return the first `size` bytes of a file (all if negative).

    None if it does not exist or is larger than LARGEST. Raises OSError if it cannot be read, though
    its permissions allow it (pip behaviour).
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if is_absence(error, path):
            return None
        raise
    try:
        if size < 0:
            size = os.fstat(handle).st_size
        return os.read(handle, size) if size <= LARGEST else None
    except IsADirectoryError:
        return None
    finally:
        os.close(handle)


def data_of(info: str, name: str) -> bytes | None:
    """Return the bytes of the file `name` in a metadata folder, which may be in an archive."""
    data = read(f"{info}{os.sep}{name}")
    if data is None and ".egg" in info:
        from pipfast.environment.eggs import data_in_archive

        return data_in_archive(info, name)
    return data


def text_of(info: str, name: str) -> str | None:
    """Return the text of the file `name` in a metadata folder, None if it does not exist."""
    data = data_of(info, name)
    return None if data is None else lines_ended(data.decode("utf-8", "replace"))


def metadata_of(one: Installed, errors: str = "replace") -> Document:
    """Return the core metadata of an installed distribution like `document_of`."""
    return document_of(one.info, errors) if one.text is None else Document(one.text)


def document_of(info: str, errors: str = "replace") -> Document:
    """Return the core metadata in a metadata folder; empty if there is none.

    That is METADATA, PKG-INFO, or an egg-info file, unless it is too large to be read; the
    ``requires.txt`` of an egg-info supplies missing requirements. `errors` is how bytes that are
    not UTF-8 are handled; ``strict`` raises UnicodeDecodeError.
    """
    data = data_of(info, "METADATA") or data_of(info, "PKG-INFO") or read(info) or b""
    if len(data) > _LARGE:
        from pipfast.model.input_limits import is_excessive

        data = b"" if is_excessive(data) else data
    document = Document(data.decode("utf-8", errors))
    if info.endswith(".dist-info") or (document.raw(REQUIRES) and document.raw(EXTRAS)):
        return document
    from pipfast.environment.eggs import egg_requirements

    requirements, extras = egg_requirements(text_of(info, "requires.txt") or "")
    return document.filled_with({REQUIRES: requirements, EXTRAS: extras})


def tidy(path: str) -> str:
    """Return a path as pathlib writes it: without double separators and single dots."""
    drive, rest = os.path.splitdrive(path.replace("/", os.sep))
    parts = [part for part in rest.split(os.sep) if part not in ("", ".")]
    root = os.sep if rest.startswith(os.sep) else ""
    if rest.startswith("//") and not rest.startswith("///"):  # two have a meaning in POSIX
        root = "//"
    return f"{drive}{root}{os.sep.join(parts)}" or "."
