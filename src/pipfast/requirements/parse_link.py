"""Parse URLs and file names as users write them in requirements."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

from pipfast.model.digest import KNOWN, Digest
from pipfast.model.file_urls import url_of_path
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import Link
from pipfast.requirements.errors import InvalidEggFragment, UnparsableInput

VERSION_CONTROL = (
    "bzr+http", "bzr+https", "bzr+ssh", "bzr+sftp", "bzr+ftp", "bzr+lp", "bzr+file",
    "git+http", "git+https", "git+ssh", "git+git", "git+file",
    "hg+file", "hg+http", "hg+https", "hg+ssh", "hg+static-http",
    "svn+ssh", "svn+http", "svn+https", "svn+svn", "svn+file",
)  # fmt: skip
"""URL schemes of version control systems."""

_URL_SCHEMES = frozenset(("http", "https", "file", "ftp", *VERSION_CONTROL))
_ARCHIVES = frozenset(
    (".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar",
     ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma")
)  # fmt: skip
_HASH = lazy_pattern(rf"[#&]({'|'.join(KNOWN)})=([^&]*)")
_EGG = lazy_pattern(r"[#&]egg=([^&]*)")
_PROJECT_NAME = lazy_pattern(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])", re.IGNORECASE)


def parse_link(url: str) -> Link:
    """Return the link of a URL that a user wrote, with the digest of its fragment.

    Raises InvalidEggFragment.
    """
    if url.startswith("\\\\"):  # a network share on Windows
        url = url_of_path(url)
    address, hash_sign, fragment = url.partition("#")
    found = _HASH.search(url)
    link = Link(
        url=address,
        fragment=fragment if hash_sign else "",
        digests=(Digest(found[1], found[2]),) if found else (),
    )
    egg = egg_fragment(url)
    if egg is not None and not _PROJECT_NAME.fullmatch(egg):
        raise InvalidEggFragment(link, egg)
    return link


def egg_fragment(url: str) -> str | None:
    """Return the value of the ``#egg=`` fragment, None if there is none."""
    egg = _EGG.search(url)
    return egg[1] if egg else None


def is_url(text: str) -> bool:
    """Return whether `text` starts with a scheme that a requirement may have.

    Raises UnparsableInput for an invalid URL.
    """
    if ":" not in text:
        return False
    try:
        return urlsplit(text).scheme in _URL_SCHEMES
    except ValueError as error:
        raise UnparsableInput(f"Invalid requirement: {text!r}: {error}") from None


def is_wheel_link(link: Link) -> bool:
    """Return whether the link is a wheel by its file name and scheme (pip behaviour)."""
    return file_extension(link) == ".whl" and link.scheme in ("http", "https", "file")


def file_extension(link: Link) -> str:
    """Return the extension of the last path component, such as ``.whl`` or ``.tar.gz``."""
    return _extension(posixpath.basename(unquote(urlsplit(link.url).path).rstrip("/")))


def is_archive_name(path: str) -> bool:
    """Return whether a path has the extension of an archive that pip can install."""
    return _extension(path).lower() in _ARCHIVES


def _extension(path: str) -> str:
    base, extension = posixpath.splitext(path)
    return base[-4:] + extension if base.lower().endswith(".tar") else extension
