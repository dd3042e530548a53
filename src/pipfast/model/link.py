"""A link to a file of a distribution, with what an index says of it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from pipfast.model.digest import Digest
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a file is, and what is known of it before it is read.

    `url` is absolute, without fragment; `fragment` is what stood behind ``#`` (without hashes
    that became `digests` it still holds them: pip prints links whole). `yanked` is None for a
    file that is not yanked, else the reason, possibly empty (PEP 592). `core_metadata` says
    whether a sidecar exists (PEP 658/714): None for no, else its digests, possibly none.
    `upload_time` is ISO 8601 as the index gave it (PEP 700). `size` is in bytes.
    `page` is the address of the page, folder or requirement it came from, with secrets.
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
        """The last part of the path, unquoted; empty where that would lead out of a folder."""
        name = os.path.basename(unquote(urlsplit(self.url).path).rstrip("/"))  # noqa: PTH119
        return "" if name in (".", "..") else name

    @property
    def subdirectory(self) -> str | None:
        """Where in the source tree the project is, as the fragment's ``subdirectory=`` says."""
        for part in self.fragment.split("&"):
            if part.startswith("subdirectory="):
                return part.partition("=")[2]
        return None

    @property
    def scheme(self) -> str:
        """The URL's scheme in lower case, ``git+https`` and its kin included."""
        return self.url.partition(":")[0].lower()

    @property
    def is_file(self) -> bool:
        """Whether the link points into this machine's file system."""
        return self.url.startswith("file:")

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine that is read where it lies.

        One with a metadata file beside it is fetched as from anywhere else (pip behaviour).
        """
        return self.is_file and self.core_metadata is None

    @property
    def is_wheel(self) -> bool:
        """Whether the file name says it is a wheel."""
        return self.url.endswith(".whl") or self.filename.endswith(".whl")

    @property
    def path(self) -> Path:
        """The path of a ``file:`` link on this machine."""
        return Path(path_of_url(self.url))

    @property
    def redacted(self) -> str:
        """The URL with its fragment, its password replaced by ``****`` as pip prints it."""
        url = redact(self.url)
        return f"{url}#{self.fragment}" if self.fragment else url

    @property
    def whereabouts(self) -> tuple[object, ...]:
        """What is the same for links that lead to the same distribution, however they are written.

        Who asks does not count, nor the order of the query, nor ``#egg=`` (pip behaviour); an
        empty host of a ``file:`` URL is this machine (RFC 8089).
        """
        scheme, netloc, path, query, _ = urlsplit(self.url)
        host = netloc.rpartition("@")[2]
        if scheme == "file" and not host:
            host = "localhost"
        told = tuple(sorted((digest.algorithm, digest.value) for digest in self.digests))
        asked = tuple(sorted((name, tuple(values)) for name, values in parse_qs(query).items()))
        return scheme, host, path, asked, told, self.subdirectory or ""

    def described(self) -> str:
        """The link, where it was found and what Python it needs, as pip tells it."""
        text = self.redacted
        if self.page is not None:
            text += f" (from {redact(self.page)})"
            if self.requires_python:
                text += f" (requires-python:{self.requires_python})"
        return text


def redact(url: str) -> str:
    """Hide the secrets of `url`: ``user:****@`` for a password, ``****@`` for a lone token.

    pip puts it together again from its parts, and so writes ``git+file:/x`` for ``git+file:///x``.
    """
    if "@" not in url and "+file:" not in url:
        return url
    scheme, netloc, path, query, fragment = urlsplit(url)
    userinfo, at, host = netloc.rpartition("@")
    if not at:
        return urlunsplit((scheme, netloc, path, query, fragment))
    user, colon, _ = userinfo.partition(":")
    hidden = f"{user}:****" if colon else "****"
    return urlunsplit((scheme, f"{hidden}@{host}", path, query, fragment))
