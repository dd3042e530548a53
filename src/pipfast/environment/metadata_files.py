"""The files of a metadata folder, read as `importlib.metadata` reads them."""

from __future__ import annotations

import os

from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata_document import EXTRAS, REQUIRES, Document, lines_ended


def read(path: str, size: int = -1) -> bytes | None:
    """The first `size` bytes of a file (all, if negative); None where there is no such file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        return os.read(handle, size if size >= 0 else os.fstat(handle).st_size)
    except OSError:  # a folder
        return None
    finally:
        os.close(handle)


def data_of(info: str, name: str) -> bytes | None:
    """The bytes of the file `name` in a metadata folder, which may be in an archive."""
    data = read(f"{info}{os.sep}{name}")
    if data is None and ".egg" in info:
        from pipfast.environment.eggs import data_in_archive

        return data_in_archive(info, name)
    return data


def text_of(info: str, name: str) -> str | None:
    """The text of the file `name` in a metadata folder, None where there is none."""
    data = data_of(info, name)
    return None if data is None else lines_ended(data.decode("utf-8", "replace"))


def metadata_of(one: Installed, errors: str = "replace") -> Document:
    """The core metadata of an installed distribution, as `document_of` reads them."""
    return document_of(one.info, errors) if one.text is None else Document(one.text)


def document_of(info: str, errors: str = "replace") -> Document:
    """The core metadata in a metadata folder; empty where there are none.

    That is METADATA, PKG-INFO, or an egg-info that is a file itself; the ``requires.txt`` of an
    egg-info stands in for what that does not tell. `errors` is what becomes of bytes that are not
    UTF-8: UnicodeDecodeError is raised if it is ``strict``.
    """
    data = data_of(info, "METADATA") or data_of(info, "PKG-INFO") or read(info) or b""
    document = Document(data.decode("utf-8", errors))
    if info.endswith(".dist-info") or (document.raw(REQUIRES) and document.raw(EXTRAS)):
        return document
    from pipfast.environment.eggs import egg_requirements

    requirements, extras = egg_requirements(info)
    return document.filled_with({REQUIRES: requirements, EXTRAS: extras})


def tidy(path: str) -> str:
    """A path as pathlib writes it: neither doubled separators nor single dots."""
    drive, rest = os.path.splitdrive(path.replace("/", os.sep))
    parts = [part for part in rest.split(os.sep) if part not in ("", ".")]
    root = os.sep if rest.startswith(os.sep) else ""
    if rest.startswith("//") and not rest.startswith("///"):  # POSIX gives two a meaning
        root = "//"
    return f"{drive}{root}{os.sep.join(parts)}" or "."
