"""Get one file: from the store, from another run that fetches it, or from the network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipfast.errors import InstallationError, Interrupted
from pipfast.fetch.downloads.download_folders import DownloadFolders
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest, FileStates, hides_request
from pipfast.fetch.downloads.hash_check import digests_of
from pipfast.fetch.downloads.ordered_lines import OrderedReports
from pipfast.fetch.downloads.transfer import FileTransfer
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, indented
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.response import ResponseStream
from pipfast.store.filesystem.root import Store
from pipfast.store.partial_files import PartialFile, claimed_file
from pipfast.store.sdist_files import WAITING, FileCache


class FileFetcher:
    """Gets files into the `folders` of a run. Safe for several threads, one for each file.

    With `keeps_wheels`, wheels are saved in the store like sdists; else only until they are
    unpacked. All downloads are cancelled when the folders are stopped.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        emit: Listener,
        folders: DownloadFolders,
        files: FileStates,
        *,
        keeps_wheels: bool,
    ) -> None:
        self._client = client
        self._store = store
        self._emit = emit
        self._folders = folders
        self._files = files
        self._keeps_wheels = keeps_wheels
        self._shelf = FileCache(store)
        self._waiting = FileCache(store, WAITING)

    def waits(self, link: Link) -> bool:
        """Return whether an earlier run left the wheel of `link` to be unpacked."""
        return any(self._waiting.find(each, link.filename) for each in link.digests)

    def forget(self, one: Downloaded) -> None:
        """Remove the store's copy of a wheel that waited to be unpacked."""
        for digest in one.digests:
            if (path := self._waiting.find(digest, one.path.name)) is not None:
                self._waiting.discard(path)

    def fetch(
        self,
        order: DownloadRequest,
        lines: OrderedReports | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Downloaded:
        """Return the file, whose digests are those expected, but not checked.

        `lines` are told its size. Raises NetworkError, InstallationError.
        """
        kept = self._kept(order)
        if kept is not None:
            if lines is not None:
                lines.size(order.link, kept.size, kept=True)
            return kept
        return self.receive(order, lines, is_stopped)

    def receive(
        self,
        order: DownloadRequest,
        lines: OrderedReports | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
        begun: ResponseStream | None = None,
    ) -> Downloaded:
        """Return the file from the network, from a response that has `begun` if there is one.

        If another run is fetching it, wait for that. Raises NetworkError, InstallationError.
        """
        stops = lambda: self._folders.is_stopped or is_stopped()  # noqa: E731
        root, sha256 = self._store.folders.current, order.trusted
        if sha256 is None or root != str(self._store.root):
            return self._written(order, stops, lines, begun)
        with claimed_file(root, sha256, stops) as partial:
            if partial is not None and partial.waited and begun is None:
                there = self._by_another_run(order, lines)
                if there is not None:
                    return there
            received = self._written(order, stops, lines, begun, partial)
            if not self._keeps_wheels and order.link.is_wheel and sha256 == received.sha256:
                self._waiting.adopt(received.path, Digest("sha256", sha256))
            return received

    def _by_another_run(
        self, order: DownloadRequest, lines: OrderedReports | None
    ) -> Downloaded | None:
        """Return the file that another run has fetched meanwhile, None if that run failed."""
        found = self._kept(order)
        if found is None and (size := order.unpacked()) is not None:
            path = self._folders.path_for(order.link, self._store.folders.current)
            found = Downloaded(order.link, path, order.expected, size)
        if found is not None:
            self._files.of(order.link).from_store = False
            if lines is not None:
                lines.size(order.link, found.size)
        return found

    def _written(
        self,
        order: DownloadRequest,
        stops: Callable[[], bool],
        lines: OrderedReports | None,
        begun: ResponseStream | None,
        partial: PartialFile | None = None,
    ) -> Downloaded:
        """Download the file, into a temporary store if the store cannot be written."""
        root = self._store.folders.current
        try:
            path, transfer = self._transferred(order, root, stops, lines, begun, partial)
        except _WriteError as failed:
            if self._store.folders.replace(root, failed.error, failed.needed):
                return self._written(order, stops, lines, None)  # what has begun is lost
            raise InstallationError(
                f"Could not install packages due to an OSError: {failed.error}\n"
            ) from None
        if self._folders.is_stopped:
            raise Interrupted
        digests = transfer.digester.digests()
        if transfer.was_continued and not set(order.expected) & set(digests):
            return self._written(order, stops, lines, None)  # the beginning was of another file
        if self._is_worth_keeping(order.link) and set(order.expected) & set(digests):
            self._shelf.keep(path, digests[0])
        return Downloaded(order.link, path, digests, transfer.done)

    def _transferred(
        self,
        order: DownloadRequest,
        root: str,
        stops: Callable[[], bool],
        lines: OrderedReports | None,
        begun: ResponseStream | None,
        partial: PartialFile | None,
    ) -> tuple[Path, FileTransfer]:
        """Download a file into the store `root`.

        Raises _WriteError if it cannot be written; no part of it remains then. After other errors
        a `partial` file remains for a later run.
        """
        path, transfer = None, None
        try:
            path = self._folders.path_for(order.link, root)
            with path.open("wb+") if partial is None else partial.open() as file:
                alone = lines is None  # then it is fetched during its project's preparation
                client = self._client.indented() if alone else self._client
                emit = indented(self._emit) if alone else self._emit
                transfer = FileTransfer(client, order, file, emit, stops, partial)
                transfer.run(lines, begun)
                if partial is not None:
                    partial.finish(file, path)
        except OSError as error:
            if path is not None:
                path.unlink(missing_ok=True)
            if partial is not None:
                partial.discard()
            needed = order.link.size if transfer is None else transfer.total
            raise _WriteError(error, needed) from error
        return path, transfer

    def _is_worth_keeping(self, link: Link) -> bool:
        return self._keeps_wheels or not link.is_wheel

    def _kept(self, order: DownloadRequest) -> Downloaded | None:
        """Return the file from the store if it exists and is unchanged."""
        link = order.link
        if hides_request(self._client.policy, link):
            return None
        shelves = (self._shelf, self._waiting)
        for shelf, wanted in ((shelf, one) for shelf in shelves for one in order.expected):
            path = shelf.find(wanted, link.filename)
            if path is not None:
                with suppress(FileNotFoundError):  # others may remove it at any time
                    own = self._folders.link_to(path, link, str(self._store.root))
                    digests = digests_of(own, order.expected)
                    if wanted in digests:
                        state = self._files.of(link)
                        state.from_store = state.in_store = True
                        return Downloaded(link, own, digests, own.stat().st_size)
                    shelf.discard(path)
        return None


class _WriteError(Exception):
    """A file of `needed` bytes, None if unknown, cannot be written because of `error`."""

    def __init__(self, error: OSError, needed: int | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.needed = needed
