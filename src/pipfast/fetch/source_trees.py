"""Sources where a build can reach them: archives unpacked, repositories checked out."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Protocol

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.downloader import Downloaded, Files, Order
from pipfast.fetch.downloads.hash_check import HashFault, HashMissing
from pipfast.fetch.vcs.checkout import Repositories, is_repository
from pipfast.fetch.wheel_metadata.source import unobtainable
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Event, Listener
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from pipfast.net.errors import HTTPStatusError, IncompleteDownloadError


class Unhashable(HashFault):
    """Digests are required of something that is no file."""


class Scratch(Protocol):
    """Where sources are put while a run lasts."""

    def folder(self) -> Path:
        """A folder of this run's own."""
        ...

    def beside(self, prefix: str) -> Path:
        """A folder beside it, not there yet, whose name begins with `prefix`."""
        ...


class Trees:
    """The sources of this run, each made ready once; what lies in `scratch` is the caller's.

    `src` is where repositories of ``-e`` come to stand. With `require_hashes` a file without an
    expected digest, a folder and a repository are refused.
    """

    def __init__(
        self,
        files: Files,
        repositories: Repositories,
        scratch: Scratch,
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

    def of(
        self, source: Sdist | Source, order: Order, listen: Listener | None = None
    ) -> SourceTree:
        """The tree of `source`, ordered for ``order.requirement``.

        What is said goes to `listen`, and is said again to whoever asks again: the first may have
        asked ahead, and have been forgotten. Without `listen` it goes where files and repositories
        tell. Whether a project is in the folder is found out by whoever builds it. May be called
        from several threads.
        Raises InstallationError: HashFault, what `unpack`, `Files.one` and the repositories raise;
        ProgramFailed of a program that has been told of already; OSError.
        """
        link = source.link
        key = (link.url, link.fragment, isinstance(source, Source) and source.editable)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key in self._have:
                tree, said = self._have[key]
                if listen is not None:
                    for event in said:
                        listen(event)
                return tree
            heard: list[Event] = []
            tree = self._tree(source, order, None if listen is None else _kept(listen, heard))
            self._have[key] = tree, heard
            return tree

    def close(self) -> None:
        """End every program of version control, for good."""
        self._repositories.close()

    def _tree(self, source: Sdist | Source, order: Order, listen: Listener | None) -> SourceTree:
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

    def _editable(self, source: Source, order: Order, listen: Listener | None) -> SourceTree:
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
        self, source: Sdist | Source, order: Order, listen: Listener | None
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

    def _file(self, order: Order, listen: Listener | None) -> Downloaded:
        """The archive, whose line is said before it is judged, as pip does."""
        link = order.link
        expected = order.digests if self._require_hashes else order.expected
        self._files.look(link, expected, listen)
        try:
            file = self._files.one(order)
        except HTTPStatusError as fault:
            raise unobtainable(link, order.requirement, fault) from fault
        except HashFault:
            self._announce(link, listen)
            raise
        except IncompleteDownloadError as fault:
            self._files.announce(link, fault.total, indent="  ", emit=listen)
            raise
        self._announce(link, listen)
        if self._require_hashes and not order.digests:
            named = order.requirement.partition(" from ")[0] if link.page else link.redacted
            raise HashMissing(named, file.digests[0])
        return file

    def _announce(self, link: Link, listen: Listener | None) -> None:
        size, cached = self._files.size(link), self._files.was_kept(link)
        self._files.announce(link, size, indent="  ", cached=cached, emit=listen)

    def _refuse_if_hashed(self, lacking: str | None, order: Order) -> None:
        if self._require_hashes:
            what = (
                f"Can't verify hashes for these requirements because we don't {lacking}:"
                if lacking
                else "Can't verify hashes for these file:// requirements because they "
                "point to directories:"
            )
            raise Unhashable(f"{what}\n    {order.requirement}")

    def _place(self, source: Sdist | Source) -> Path:
        """A folder that is not there yet, called as pip calls it."""
        if source.name is None:
            return self._scratch.beside("pip-req-build-")
        return self._scratch.folder() / f"{source.name}_{os.urandom(16).hex()}"


def _kept(listen: Listener, heard: list[Event]) -> Listener:
    """A listener that passes on what it hears, and keeps it."""

    def both(event: Event) -> None:
        heard.append(event)
        listen(event)

    return both


def _part(folder: Path, link: Link) -> Path:
    return folder / link.subdirectory if link.subdirectory else folder
