"""A link to a distribution's file, with what an index says about it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from pipfast.model.digest import Digest
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The location of a file and what is known before it is read.

    `url` is absolute and has no fragment; `fragment` is the part after ``#``. Hashes that became
    `digests` stay in it, because pip prints complete links. `yanked` is None for a file that is
    not yanked, else the reason, which may be empty (PEP 592). `core_metadata` is None if there
    is no metadata file, else its digests, which may be empty (PEP 658, PEP 714). `upload_time`
    is the index's ISO 8601 text (PEP 700). `size` is in bytes. `page` is the address of the
    page, folder or requirement with the link, including secrets.
    """

    url: str
    fragment: str = ""
    digests: tuple[Digest, ...] = ()
    requires_python: str | None = None
    yanked: str | None = None
    core_metadata: tuple[Digest, ...] | None = None
    upload_time: str | None = None
    size: int | None = None
    page: str | None = None

    @property
    def filename(self) -> str:
        """The last part of the path, unquoted; empty if it would lead out of a folder."""
        name = os.path.basename(unquote(urlsplit(self.url).path).rstrip("/"))  # noqa: PTH119
        return "" if name in (".", "..") else name

    @property
    def subdirectory(self) -> str | None:
        """The project's folder inside the source tree, from the fragment's ``subdirectory=``."""
        for part in self.fragment.split("&"):
            if part.startswith("subdirectory="):
                return part.partition("=")[2]
        return None

    @property
    def scheme(self) -> str:
        """The URL's scheme in lower case, for example ``git+https``."""
        return self.url.partition(":")[0].lower()

    @property
    def is_file(self) -> bool:
        """Return whether the link is a path on this machine."""
        return self.url.startswith("file:")

    @property
    def is_local(self) -> bool:
        """Return whether it is a local file that is read in place.

        A local file with a metadata file is fetched like a remote one (pip behaviour).
        """
        return self.is_file and self.core_metadata is None

    @property
    def is_wheel(self) -> bool:
        """Return whether the file name is a wheel's."""
        return self.url.endswith(".whl") or self.filename.endswith(".whl")

    @property
    def path(self) -> Path:
        """The path of a ``file:`` link on this machine."""
        return Path(path_of_url(self.url))

    @property
    def redacted(self) -> str:
        """The URL with its fragment; the password is ``****``, as pip prints it."""
        url = redact(self.url)
        return f"{url}#{self.fragment}" if self.fragment else url

    @property
    def comparable_location(self) -> tuple[object, ...]:
        """A key that is equal for links to the same distribution, however they are written.

        It ignores credentials, the order of the query, and ``#egg=`` (pip behaviour). An empty
        host in a ``file:`` URL is this machine (RFC 8089).
        """
        scheme, netloc, path, query, _ = urlsplit(self.url)
        host = netloc.rpartition("@")[2]
        if scheme == "file" and not host:
            host = "localhost"
        digests = tuple(sorted((digest.algorithm, digest.value) for digest in self.digests))
        parameters = tuple(
            sorted((name, tuple(values)) for name, values in parse_qs(query).items())
        )
        return scheme, host, path, parameters, digests, self.subdirectory or ""

    def described(self) -> str:
        """The link, its page and its required Python version, as pip prints them."""
        text = self.redacted
        if self.page is not None:
            text += f" (from {redact(self.page)})"
            if self.requires_python:
                text += f" (requires-python:{self.requires_python})"
        return text


def without_secrets(place: str) -> str:
    """Hide the secrets of `place` if it is a URL; a path stays as it is."""
    return redact(place) if "://" in place else place


def redact(url: str) -> str:
    """Hide the secrets of `url`: ``user:****@`` for a password, ``****@`` for a single token.

    pip rebuilds the URL from its parts, and therefore prints ``git+file:/x`` for
    ``git+file:///x``.
    """
    if "@" not in url and "+file:" not in url:
        return url
    try:
        scheme, netloc, path, query, fragment = urlsplit(url)
    except ValueError:  # cannot be taken apart, so everything in front of an @ may be a secret
        return f"****@{url.rpartition('@')[2]}"
    userinfo, at, host = netloc.rpartition("@")
    if not at:
        return urlunsplit((scheme, netloc, path, query, fragment))
    user, colon, _ = userinfo.partition(":")
    hidden = f"{user}:****" if colon else "****"
    return urlunsplit((scheme, f"{hidden}@{host}", path, query, fragment))
