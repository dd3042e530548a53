"""Download files in parallel, verify them during the transfer, and yield them when complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.concurrency.parallel_run import ParallelRun
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.descriptions import refused, unobtainable
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.download_folders import DownloadFolders
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest, FileStates, hides_request
from pipfast.fetch.downloads.hash_check import HashError, digests_of
from pipfast.fetch.downloads.ordered_lines import OrderedReports
from pipfast.fetch.events import FileAnnounced, FileDownloaded
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, silent
from pipfast.model.file_urls import url_of_path
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError
from pipfast.net.response import ResponseStream
from pipfast.net.secure_origins import pip_caches
from pipfast.policy.detail import Detail
from pipfast.store.filesystem.owned_names import TEMPORARY, sweep
from pipfast.store.filesystem.root import Store
from pipfast.store.partial_files import sweep_partial_files
from pipfast.store.sdist_files import sweep_waiting

if TYPE_CHECKING:
    from pipfast.fetch.downloads.file_fetcher import FileFetcher

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
        self._destination = destination
        self._folders = DownloadFolders()
        self._files = FileStates()
        sweep_partial_files(str(store.root))
        sweep(str(store.path(TEMPORARY, "")))
        sweep_waiting(str(store.root))

    @cached_property
    def _fetcher(self) -> FileFetcher:
        from pipfast.fetch.downloads.file_fetcher import FileFetcher  # many runs need no file

        return FileFetcher(
            self._client,
            self._store,
            self._emit,
            self._folders,
            self._files,
            keeps_wheels=self._destination is not None,
        )

    def is_hidden(self, link: Link) -> bool:
        """Return whether the store would hide a request that pip makes, and that is reported."""
        return hides_request(self._client.policy, link)

    def have(self, link: Link) -> bool:
        """Return whether the file of `link` was downloaded."""
        return self._files.of(link).downloaded is not None

    def takes_space(self, link: Link) -> bool:
        """Return whether the file of `link` is on a disk already, until it is unpacked."""
        return self._fetcher.waits(link) or self.have(link)

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
            self._fetcher.forget(one)

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

    def _unchecked(
        self,
        order: DownloadRequest,
        lines: OrderedReports | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Downloaded:
        """Return the file with the digests that `order` expects; `lines` are told its size."""
        link = order.link
        state = self._files.of(link)
        with state.lock:
            known = state.downloaded
            if known is None or (self._folders.contains(known.path) and not known.path.exists()):
                if link.is_file:
                    known = self._local(order)
                else:
                    known = self._fetcher.fetch(order, lines, is_stopped)
                state.downloaded = known
                return known
        if lines is not None:
            lines.size(link, known.size)
        return _digested(known, order)

    def take(self, order: DownloadRequest, stream: ResponseStream) -> None:
        """Save the file of `order` from a response that has started, without verification.

        Does nothing if the file is here. Raises NetworkError, InstallationError.
        """
        state = self._files.of(order.link)
        with state.lock:
            if state.downloaded is None:
                state.downloaded = self._fetcher.receive(order, begun=stream)

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
        self._folders.stop()

    def close(self) -> None:
        """Remove the files."""
        self.stop()
        self._files.forget()
        self._folders.close()

    def _checked(
        self, order: DownloadRequest, lines: OrderedReports, is_stopped: Callable[[], bool]
    ) -> Downloaded:
        try:
            downloaded = self._unchecked(order, lines, is_stopped)
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


def _digested(known: Downloaded, order: DownloadRequest) -> Downloaded:
    """Return a file that is here with all digests that `order` expects."""
    if set(order.expected) <= set(known.digests):
        return known
    received = digests_of(known.path, order.expected)
    return Downloaded(order.link, known.path, received, known.size)


def downloads(
    orders: Sequence[DownloadRequest], client: Client, store: Store, emit: Listener = silent
) -> Iterator[Downloaded]:
    """Yield the files of `orders` when complete; they are removed when the iterator is closed."""
    files = Downloader(client, store, emit)
    try:
        yield from files.many(orders)
    finally:
        files.close()
