"""Download files in parallel, verify them during the transfer, and yield them when complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pipfast.concurrency.parallel_run import ParallelRun
from pipfast.errors import InstallationError, Interrupted
from pipfast.fetch.downloads.descriptions import refused, unobtainable
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.download_folders import DownloadFolders
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest, FileStates
from pipfast.fetch.downloads.hash_check import HashError, digests_of
from pipfast.fetch.downloads.ordered_lines import OrderedReports
from pipfast.fetch.downloads.transfer import FileTransfer
from pipfast.fetch.events import FileAnnounced, FileDownloaded
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, indented, silent
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError
from pipfast.net.response import ResponseStream
from pipfast.net.secure_origins import pip_caches
from pipfast.policy.detail import Detail
from pipfast.store.filesystem.owned_names import TEMPORARY, sweep
from pipfast.store.filesystem.root import Store
from pipfast.store.partial_files import PartialFile, claimed_file, sweep_partial_files
from pipfast.store.sdist_files import WAITING, FileCache, sweep_waiting

STREAMS = 6
"""The number of concurrent downloads."""


class Downloader:
    """The files of this run; each is downloaded once into a folder that `close` removes.

    With a `destination`, existing files in it are used, and wheels are saved in the store,
    because such commands are usually repeated. Sdists are always saved.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        emit: Listener = silent,
        destination: Destination | None = None,
    ) -> None:
        self._client = client
        self._store = store
        self._emit = emit
        self._shelf = FileCache(store)
        self._waiting = FileCache(store, WAITING)
        self._destination = destination
        self._folders = DownloadFolders()
        self._files = FileStates()
        self._stopped = False
        sweep_partial_files(str(store.root))
        sweep(str(store.path(TEMPORARY, "")))
        sweep_waiting(str(store.root))

    def is_hidden(self, link: Link) -> bool:
        """Return whether the store would hide a request that pip makes, and that is reported."""
        policy = self._client.policy
        is_reported = policy.detail is Detail.EVERYTHING
        return is_reported and not pip_caches(link.url, policy.trusted_hosts)

    def have(self, link: Link) -> bool:
        """Return whether the file of `link` was downloaded."""
        return self._files.of(link).downloaded is not None

    def takes_space(self, link: Link) -> bool:
        """Return whether the file of `link` is on a disk already, until it is unpacked."""
        waits = any(self._waiting.find(each, link.filename) for each in link.digests)
        return waits or self.have(link)

    @property
    def may_lie_ready(self) -> bool:
        """Return whether the destination may contain a file of this run."""
        return self._destination is not None and not self._destination.is_bare

    def lies_ready(self, link: Link) -> bool:
        """Return whether the destination seems to contain the file of `link`, silently."""
        return self._destination is not None and self._destination.holds(link)

    def look(self, link: Link, expected: Sequence[Digest], emit: Listener | None = None) -> None:
        """Search the destination for the file and report it, as pip does before a download.

        An existing file that matches none of the `expected` digests is removed. `emit` replaces
        the default listener and receives the message each time, except for files of a batch.
        """
        state = self._files.of(link)
        if self._destination is None or (state.downloaded is not None and emit is None):
            return
        if state.in_batch:
            return
        found = self._destination.look(link, expected, emit or self._emit)
        if found is not None:
            path, digests = found
            state.downloaded = Downloaded(link, path, digests, path.stat().st_size)
            state.announced = state.in_destination = True

    def look_for_built(self, wheel: Path, digests: Sequence[Digest]) -> None:
        """Search the destination for a wheel that pipfast built, like pip.

        It does not match the `digests` of its source, so with any it is removed silently (pip
        behaviour).
        """
        if self._destination is not None:
            link = Link(url=url_of_path(str(wheel)))
            self._destination.look(link, digests, self._emit, silently=True)

    def is_beside(self, link: Link) -> bool:
        """Return whether the file of `link` was found in the destination."""
        return self._files.of(link).in_destination

    def was_kept(self, link: Link) -> bool:
        """Return whether the file of `link` came from the store."""
        state = self._files.of(link)
        return state.from_store and state.downloaded is not None

    def save(self, one: Downloaded, destination: Destination) -> Path | None:
        """Copy a file of this run to `destination`; return its path, None if one exists."""
        ours = self._folders.contains(one.path) and not self._files.of(one.link).in_store
        return destination.save(one.path, one.link, ours=ours)

    def release(self, one: Downloaded) -> None:
        """Remove a file that is not needed again, unless it is the user's or one to save."""
        if self._folders.contains(one.path) and self._destination is None:
            with suppress(OSError):
                one.path.unlink()
            for digest in one.digests:
                if (path := self._waiting.find(digest, one.path.name)) is not None:
                    self._waiting.discard(path)

    def size(self, link: Link) -> int | None:
        """Return the size of a downloaded file, None for others."""
        known = self._files.of(link).downloaded
        return None if known is None else known.size

    def announce(
        self,
        link: Link,
        size: int | None,
        *,
        depth: int = 0,
        cached: bool = False,
        emit: Listener | None = None,
    ) -> None:
        """Report pip's ``Downloading …`` (``Using cached …``) for `link`, once per run.

        `emit` replaces the default listener and receives the message each time, except for files
        of a batch.
        """
        state = self._files.of(link)
        once = emit is None or state.in_batch
        known = state.in_destination or (state.announced and once)
        if link.is_local or known:
            return
        state.announced = True
        cached = cached and pip_caches(link.url, self._client.policy.trusted_hosts)
        (emit or self._emit)(FileAnnounced(link.url, size, cached, depth=depth))

    def spoken_of(self, link: Link) -> None:
        """Record that the message for `link` was emitted."""
        self._files.of(link).announced = True

    def one(self, order: DownloadRequest) -> Downloaded:
        """Return the file of `order`, downloaded and verified.

        Raises HashMismatch, NetworkError, InstallationError.
        """
        known = self._unchecked(order)
        order.check(known.digests)
        return known

    def _unchecked(self, order: DownloadRequest) -> Downloaded:
        link = order.link
        state = self._files.of(link)
        with state.lock:
            known = state.downloaded
            if known is None or (self._folders.contains(known.path) and not known.path.exists()):
                known = self._local(order) if link.is_file else self._fetch(order)
                state.downloaded = known
                return known
        if not set(order.expected) <= set(known.digests):
            received = digests_of(known.path, order.expected)
            known = Downloaded(link, known.path, received, known.size)
        return known

    def take(self, order: DownloadRequest, stream: ResponseStream) -> None:
        """Save the file of `order` from a response that has started, without verification.

        Does nothing if the file is here. Raises NetworkError, InstallationError.
        """
        state = self._files.of(order.link)
        with state.lock:
            if state.downloaded is None:
                state.downloaded = self._received(order, begun=stream)

    def many(self, orders: Sequence[DownloadRequest]) -> Iterator[Downloaded]:
        """Yield the files of `orders` when they are complete; the largest download starts first.

        Messages keep the order of `orders`. Raises the errors of `one`: the first in that order,
        and network errors before verification errors (pip downloads files one after another and
        verifies them at the end).
        """
        kept = {order.link.url: order.kept for order in orders if order.kept is not None}
        lines = OrderedReports([order.link for order in orders], kept, self.announce)
        remote: list[DownloadRequest] = []
        for order in orders:
            if order.kept is not None:
                continue
            known = self.have(order.link)
            if not known:
                self._files.of(order.link).in_batch = True
            if known or order.link.is_file:
                lines.size(order.link, self._unchecked(order).size)
                yield self.one(order)
            else:
                remote.append(order)
        lines.begin()
        if self._client.policy.detail is Detail.EVERYTHING:
            yield from self._one_by_one(remote, lines)
        else:
            yield from self._streamed(remote, lines)

    def _one_by_one(
        self, orders: Sequence[DownloadRequest], lines: OrderedReports
    ) -> Iterator[Downloaded]:
        """Yield the files in order, each as soon as it is complete, and report where it is."""
        fault: HashError | None = None
        for order in orders:
            try:
                self._checked(order, lines, lambda: False)
            except HashError as error:
                fault = fault or error
            downloaded = self._files.of(order.link).downloaded
            assert downloaded is not None, "a file that did not come ends the batch"
            self._emit(FileDownloaded(order.link.described(), downloaded.path))
            if fault is None:
                yield downloaded
        if fault is not None:
            raise fault

    def _streamed(
        self, orders: Sequence[DownloadRequest], lines: OrderedReports
    ) -> Iterator[Downloaded]:
        run = ParallelRun(orders, lambda order: order.link.size or 0, STREAMS)
        faults: dict[int, BaseException] = {}
        try:
            for position, result in run.run(
                lambda order, is_stopped: self._checked(order, lines, is_stopped)
            ):
                if isinstance(result, BaseException):
                    faults[position] = result
                    if not isinstance(result, HashError):
                        run.cancel_after(position)
                else:
                    yield result
        finally:
            run.cancel_after(-1)
        outright = {at: one for at, one in faults.items() if not isinstance(one, HashError)}
        if faults:
            raise min((outright or faults).items())[1]

    def stop(self) -> None:
        """Cancel all downloads and start no more."""
        self._stopped = True
        self._folders.stop()

    def close(self) -> None:
        """Remove the files."""
        self.stop()
        self._files.forget()
        self._folders.close()

    def _checked(
        self, order: DownloadRequest, lines: OrderedReports, is_stopped: Callable[[], bool]
    ) -> Downloaded:
        state = self._files.of(order.link)
        try:
            with state.lock:
                downloaded = state.downloaded
                if downloaded is None:
                    downloaded = state.downloaded = self._fetch(order, lines, is_stopped)
                else:
                    lines.size(order.link, downloaded.size)
        except HTTPStatusError as fault:
            if order.precedes_plan:
                raise unobtainable(order.link, order.requirement, fault) from fault
            raise refused(order.link, fault) from fault
        order.check(downloaded.digests)
        return downloaded

    def _local(self, order: DownloadRequest) -> Downloaded:
        path = order.link.path.absolute()  # a `file:` address may be relative
        try:
            return Downloaded(
                order.link, path, digests_of(path, order.expected), path.stat().st_size
            )
        except OSError as error:
            raise InstallationError(
                f"Could not install packages due to an OSError: {error}\n"
            ) from None

    def _fetch(
        self,
        order: DownloadRequest,
        lines: OrderedReports | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Downloaded:
        kept = self._kept(order)
        if kept is not None:
            if lines is not None:
                lines.size(order.link, kept.size, kept=True)
            return kept
        return self._received(order, lines, is_stopped)

    def _received(
        self,
        order: DownloadRequest,
        lines: OrderedReports | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
        begun: ResponseStream | None = None,
    ) -> Downloaded:
        stops = lambda: self._stopped or is_stopped()  # noqa: E731
        root, sha256 = self._store.folders.current, order.trusted
        if sha256 is None or root != str(self._store.root):
            return self._written(order, stops, lines, begun)
        with claimed_file(root, sha256, stops) as partial:
            if partial is not None and partial.waited and begun is None:
                there = self._by_another_run(order, lines)
                if there is not None:
                    return there
            received = self._written(order, stops, lines, begun, partial)
            if self._destination is None and order.link.is_wheel and sha256 == received.sha256:
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
        if self._stopped:
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
        return self._destination is not None or not link.is_wheel

    def _kept(self, order: DownloadRequest) -> Downloaded | None:
        """Return the file from the store if it exists and is unchanged."""
        link = order.link
        if self.is_hidden(link):
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


def downloads(
    orders: Sequence[DownloadRequest], client: Client, store: Store, emit: Listener = silent
) -> Iterator[Downloaded]:
    """Yield the files of `orders` when complete; they are removed when the iterator is closed."""
    files = Downloader(client, store, emit)
    try:
        yield from files.many(orders)
    finally:
        files.close()
