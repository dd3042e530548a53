"""Make sources available to builds: unpack archives, check out repositories."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Protocol

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.descriptions import unobtainable
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest
from pipfast.fetch.downloads.hash_check import HashError, HashMissing
from pipfast.fetch.vcs.checkout import RepositoryCheckout, is_repository
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Event, Listener
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from pipfast.net.errors import (
    HTTPStatusError,
    IncompleteDownloadError,
    TooManyErrorResponses,
)


class NotHashable(HashError):
    """Digests are required for something that is not a file."""


class TemporaryFolders(Protocol):
    """Creates temporary folders for sources."""

    def folder(self) -> Path:
        """A folder of this run."""
        ...

    def beside(self, prefix: str) -> Path:
        """Return a path beside it that does not exist, whose name starts with `prefix`."""
        ...


class SourceTrees:
    """The source trees of this run, each created once; `scratch` belongs to the caller.

    `src` is the folder for repositories of ``-e``. With `require_hashes` files without an
    expected digest, folders and repositories are rejected.
    """

    def __init__(
        self,
        files: Downloader,
        repositories: RepositoryCheckout,
        scratch: TemporaryFolders,
        src: Path | None = None,
        *,
        require_hashes: bool = False,
    ) -> None:
        self._files = files
        self._repositories = repositories
        self._scratch = scratch
        self._src = src
        self._require_hashes = require_hashes
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str, bool], threading.Lock] = {}
        self._have: dict[tuple[str, str, bool], tuple[SourceTree, list[Event]]] = {}
        self._refused: dict[str, HTTPStatusError | TooManyErrorResponses] = {}

    def of(
        self, source: Sdist | Source, order: DownloadRequest, listen: Listener | None = None
    ) -> SourceTree:
        """Return the tree of `source` for ``order.requirement``.

        Messages go to `listen`, and are emitted again to later callers, because the first call may
        have been speculative. Without `listen` they go to the default listeners. The builder checks
        whether the folder contains a project. May be called from several threads.

        Raises InstallationError: HashError, and those of `unpack`, `Downloader.one` and
        repositories; ProgramFailed, already reported; OSError.
        """
        link = source.link
        key = (link.url, link.fragment, isinstance(source, Source) and source.editable)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key in self._have:
                tree, past = self._have[key]
                if listen is not None:
                    for event in past:
                        listen(event)
                return tree
            recorded: list[Event] = []
            tree = self._tree(source, order, None if listen is None else _kept(listen, recorded))
            self._have[key] = tree, recorded
            return tree

    def close(self) -> None:
        """End all version control processes for good."""
        self._repositories.close()

    def _tree(
        self, source: Sdist | Source, order: DownloadRequest, listen: Listener | None
    ) -> SourceTree:
        link = source.link
        if isinstance(source, Source) and source.editable:
            return self._editable(source, order, listen)
        if is_repository(link):
            self._refuse_if_hashed("have a way to hash version control repositories", order)
            folder = self._place(source)
            origin = self._repositories.checkout(link, folder, listen)
            return SourceTree(folder=_part(folder, link), origin=origin)
        if link.is_file and link.path.is_dir():
            self._refuse_if_hashed(None, order)
            in_place = FolderOrigin(url=link.url, subdirectory=link.subdirectory)
            return SourceTree(folder=_part(link.path, link), origin=in_place)
        return self._unpacked(source, order, listen)

    def _editable(
        self, source: Source, order: DownloadRequest, listen: Listener | None
    ) -> SourceTree:
        link = source.link
        if self._require_hashes:
            raise InstallationError(
                f"The editable requirement {order.requirement} cannot be installed when requiring "
                "hashes, because there is no single file to hash."
            )
        if is_repository(link):
            assert self._src is not None, "whoever accepts -e knows --src"
            assert source.name is not None, "a repository of -e names its project"
            self._src.mkdir(parents=True, exist_ok=True)
            folder = self._src / source.name
            self._repositories.obtain(link, folder, listen)
        else:
            folder = Path(os.path.abspath(link.path))  # noqa: PTH100 - links stay links
        folder = _part(folder, link)
        origin = FolderOrigin(url=url_of_path(str(folder)), editable=True)
        return SourceTree(folder=folder, origin=origin)

    def _unpacked(
        self, source: Sdist | Source, order: DownloadRequest, listen: Listener | None
    ) -> SourceTree:
        from pipfast.fetch.unpack import unpack  # tarfile: most runs unpack no source

        link = source.link
        file = self._file(order, listen)
        folder = self._place(source)
        unpack(file.path, folder)
        sha256 = tuple(digest for digest in file.digests if digest.algorithm == "sha256")
        origin = ArchiveOrigin(
            url=link.url, digests=link.digests or sha256, subdirectory=link.subdirectory
        )
        return SourceTree(folder=_part(folder, link), origin=origin)

    def _file(self, order: DownloadRequest, listen: Listener | None) -> Downloaded:
        """Return the archive, reported before it is verified, like pip."""
        link = order.link
        expected = order.digests if self._require_hashes else order.expected
        self._files.look(link, expected, listen)
        try:
            file = self._downloaded(order)
        except HTTPStatusError as fault:
            raise unobtainable(link, order.requirement, fault) from fault
        except HashError:
            self._announce(link, listen)
            raise
        except IncompleteDownloadError as fault:
            self._files.announce(link, fault.total, depth=1, emit=listen)
            raise
        self._announce(link, listen)
        if self._require_hashes and not order.digests:
            raise HashMissing(order.name_without_hash, file.digests[0])
        return file

    def _downloaded(self, order: DownloadRequest) -> Downloaded:
        """Return the file; a file that a server has refused is not requested a second time."""
        refused = self._refused.get(order.link.url)
        if refused is not None:
            raise refused
        try:
            return self._files.one(order)
        except (HTTPStatusError, TooManyErrorResponses) as fault:
            self._refused[order.link.url] = fault
            raise

    def _announce(self, link: Link, listen: Listener | None) -> None:
        size, cached = self._files.size(link), self._files.was_kept(link)
        self._files.announce(link, size, depth=1, cached=cached, emit=listen)

    def _refuse_if_hashed(self, lacking: str | None, order: DownloadRequest) -> None:
        if self._require_hashes:
            what = (
                f"Can't verify hashes for these requirements because we don't {lacking}:"
                if lacking
                else "Can't verify hashes for these file:// requirements because they "
                "point to directories:"
            )
            raise NotHashable(f"{what}\n    {order.requirement}")

    def _place(self, source: Sdist | Source) -> Path:
        """Return a path that does not exist, with the name that pip would use."""
        if source.name is None:
            return self._scratch.beside("pip-req-build-")
        return self._scratch.folder() / f"{source.name}_{os.urandom(16).hex()}"


def _kept(listen: Listener, recorded: list[Event]) -> Listener:
    """Return a listener that passes on events and stores them."""

    def both(event: Event) -> None:
        recorded.append(event)
        listen(event)

    return both


def _part(folder: Path, link: Link) -> Path:
    return folder / link.subdirectory if link.subdirectory else folder
