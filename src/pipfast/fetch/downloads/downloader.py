"""Whole files: fetched in parallel, checked while they come, yielded as they are done."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipfast.concurrency.parallel_run import ParallelRun
from pipfast.errors import InstallationError, Interrupted
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.hash_check import HashFault, check, digests_of
from pipfast.fetch.downloads.ordered_lines import InOrder
from pipfast.fetch.downloads.sizes import download_line, whole
from pipfast.fetch.downloads.transfer import Incoming
from pipfast.model.digest import Digest
from pipfast.model.events import Level, Listener, Said, indented, silent
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError
from pipfast.net.response import ResponseStream
from pipfast.net.secure_origins import pip_caches
from pipfast.store.filesystem.entries import aside_prefix
from pipfast.store.filesystem.root import Store
from pipfast.store.sdist_files import KeptFiles

STREAMS = 6
"""How many files come at once."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is here now, at `path`, until the run ends; `digests` were taken of it."""

    link: Link
    path: Path
    digests: tuple[Digest, ...]
    size: int

    @property
    def sha256(self) -> str:
        """Its SHA-256 in hex."""
        return next(digest.value for digest in self.digests if digest.algorithm == "sha256")


@dataclass(frozen=True, slots=True)
class Order:
    """A file that is wanted for `requirement`; with `digests`, only one that has one of them.

    Without `digests` those of the link count. `kept` is the size in bytes of a file that needs no
    fetching, because the store has what is in it: it is only spoken of.
    """

    link: Link
    requirement: str
    digests: tuple[Digest, ...] = ()
    kept: int | None = None

    @property
    def expected(self) -> tuple[Digest, ...]:
        """The digests of which the file must have one."""
        return self.digests or self.link.digests


class Files:
    """The files of this run; each is fetched once and lies in a folder that `close` removes.

    With a `destination` a file that lies there is taken as it is, and wheels are kept in the store:
    whoever asks for files will do so again. Of an sdist the file is kept in any case.
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
        self._shelf = KeptFiles(store)
        self._destination = destination
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._have: dict[str, Downloaded] = {}
        self._said: set[str] = set()
        self._came: set[str] = set()
        self._beside: set[str] = set()
        self._stopped = False

    def have(self, link: Link) -> bool:
        """Whether the file of `link` is here already."""
        return link.url in self._have

    @property
    def may_lie_ready(self) -> bool:
        """Whether the destination could hold a file of this run already."""
        return self._destination is not None and not self._destination.is_bare

    def lies_ready(self, link: Link) -> bool:
        """Whether the destination seems to hold the file of `link`; nothing is said."""
        return self._destination is not None and self._destination.holds(link)

    def look(self, link: Link, expected: Sequence[Digest], emit: Listener | None = None) -> None:
        """Look for the file in the destination and say so, as pip does before it fetches one.

        One that lies there and has none of the `expected` digests is removed. `emit` is told where
        the listener of all files is not meant, and each time it asks; not of what came in a batch.
        """
        if self._destination is None or (link.url in self._have and emit is None):
            return
        if link.url in self._came:
            return
        found = self._destination.look(link, expected, emit or self._emit)
        if found is not None:
            path, digests = found
            self._have[link.url] = Downloaded(link, path, digests, path.stat().st_size)
            self._said.add(link.url)
            self._beside.add(link.url)

    def look_for_built(self, wheel: Path, digests: Sequence[Digest]) -> None:
        """Look for a wheel of our own building in the destination, as pip does.

        It has none of the `digests` of its source, so with any it is quietly removed (pip).
        """
        if self._destination is not None:
            link = Link(url=url_of_path(str(wheel)))
            self._destination.look(link, digests, self._emit, silently=True)

    def is_beside(self, link: Link) -> bool:
        """Whether the file of `link` was found in the destination."""
        return link.url in self._beside

    def was_kept(self, link: Link) -> bool:
        """Whether the file of `link` came from the store."""
        known = self._have.get(link.url)
        if known is None or link.is_local or self.is_beside(link):
            return False
        return self._folder is None or self._folder not in known.path.parents

    def save(self, one: Downloaded, destination: Destination) -> Path | None:
        """Put a file of this run into `destination`; its place, None if one was there before."""
        folder = self._folder
        ours = folder is not None and folder in one.path.parents
        return destination.save(one.path, one.link, ours=ours)

    def size(self, link: Link) -> int | None:
        """The size of a file that is here, None of one that is not."""
        known = self._have.get(link.url)
        return None if known is None else known.size

    def announce(
        self,
        link: Link,
        size: int | None,
        *,
        indent: str = "",
        cached: bool = False,
        emit: Listener | None = None,
    ) -> None:
        """Say pip's ``Downloading …`` (``Using cached …``) for `link`, once a run.

        It is said to `emit` where the listener of all files is not meant, and each time it asks;
        not of what came in a batch.
        """
        once = emit is None or link.url in self._came
        known = self.is_beside(link) or (link.url in self._said and once)
        if link.is_local or known:
            return
        self._said.add(link.url)
        cached = cached and pip_caches(link.url, self._client.policy.trusted_hosts)
        line = indent + download_line(link.url, size, cached=cached)
        (emit or self._emit)(Said(Level.INFO, line))

    def spoken_of(self, link: Link) -> None:
        """Take note that the line of `link` has been said."""
        self._said.add(link.url)

    def one(self, order: Order) -> Downloaded:
        """The file of `order`, here and checked.

        Raises HashMismatch, NetworkError, InstallationError.
        """
        known = self._unchecked(order)
        check(order.requirement, order.expected, known.digests)
        return known

    def _unchecked(self, order: Order) -> Downloaded:
        link = order.link
        known = self._have.get(link.url)
        if known is None:
            known = self._local(order) if link.is_file else self._fetch(order)
            self._have[link.url] = known
        elif not set(order.expected) <= set(known.digests):
            received = digests_of(known.path, order.expected)
            known = Downloaded(link, known.path, received, known.size)
        return known

    def take(self, order: Order, stream: ResponseStream) -> None:
        """Have the file of `order` from an answer that has begun to come, unchecked.

        Raises NetworkError, InstallationError.
        """
        self._have[order.link.url] = self._received(order, begun=stream)

    def many(self, orders: Sequence[Order]) -> Iterator[Downloaded]:
        """The files of `orders` as they are done, the largest begun first.

        What is said keeps the order of `orders`. Raises what `one` raises: the first fault in that
        order, and one of the network before a file that is not what it should be (pip takes its
        files one after another, and looks at them when all are there).
        """
        kept = {order.link.url: order.kept for order in orders if order.kept is not None}
        lines = InOrder([order.link for order in orders], kept, self.announce)
        remote: list[Order] = []
        for order in orders:
            if order.kept is not None:
                continue
            known = self.have(order.link)
            if not known:
                self._came.add(order.link.url)
            if known or order.link.is_file:
                lines.size(order.link, self._unchecked(order).size)
                yield self.one(order)
            else:
                remote.append(order)
        lines.begin()
        yield from self._streamed(remote, lines)

    def _streamed(self, orders: Sequence[Order], lines: InOrder) -> Iterator[Downloaded]:
        run = ParallelRun(orders, lambda order: order.link.size or 0, STREAMS)
        faults: dict[int, BaseException] = {}
        try:
            for position, result in run.run(
                lambda order, is_stopped: self._checked(order, lines, is_stopped)
            ):
                if isinstance(result, BaseException):
                    faults[position] = result
                    if not isinstance(result, HashFault):
                        run.cancel_after(position)
                else:
                    yield result
        finally:
            run.cancel_after(-1)
        outright = {at: one for at, one in faults.items() if not isinstance(one, HashFault)}
        if faults:
            raise min((outright or faults).items())[1]

    def stop(self) -> None:
        """Have every download end at once, and none begin any more."""
        self._stopped = True

    def close(self) -> None:
        """Remove the files."""
        self.stop()
        with self._lock:
            folder, self._folder = self._folder, None
            self._have.clear()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _checked(self, order: Order, lines: InOrder, is_stopped: Callable[[], bool]) -> Downloaded:
        try:
            downloaded = self._fetch(order, lines, is_stopped)
        except HTTPStatusError as fault:
            raise _refused(order.link, fault) from fault
        self._have[order.link.url] = downloaded
        check(order.requirement, order.expected, downloaded.digests)
        return downloaded

    def _local(self, order: Order) -> Downloaded:
        path = order.link.path
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
        order: Order,
        lines: InOrder | None = None,
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
        order: Order,
        lines: InOrder | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
        begun: ResponseStream | None = None,
    ) -> Downloaded:
        path = self._place(order.link)
        stops = lambda: self._stopped or is_stopped()  # noqa: E731
        try:
            with path.open("wb+") as file:
                alone = lines is None  # then it is fetched amid the preparation of its project
                client = self._client.indented() if alone else self._client
                emit = indented(self._emit) if alone else self._emit
                transfer = Incoming(client, order, file, emit, stops)
                transfer.run(lines, begun)
        except OSError as error:
            raise InstallationError(
                f"Could not install packages due to an OSError: {error}\n"
            ) from None
        if self._stopped:
            raise Interrupted
        digests = transfer.digester.digests()
        if self._is_worth_keeping(order.link) and set(order.expected) & set(digests):
            self._shelf.keep(path, digests[0])
        return Downloaded(order.link, path, digests, transfer.done)

    def _is_worth_keeping(self, link: Link) -> bool:
        return self._destination is not None or not link.is_wheel

    def _kept(self, order: Order) -> Downloaded | None:
        """The file from the store, if it is there and is still what it was."""
        link = order.link
        for wanted in order.expected:
            path = self._shelf.find(wanted, link.filename)
            if path is not None:
                digests = digests_of(path, order.expected)
                if wanted in digests:
                    return Downloaded(link, path, digests, path.stat().st_size)
                self._shelf.discard(path)
        return None

    def _place(self, link: Link) -> Path:
        with self._lock:
            if self._stopped:
                raise Interrupted
            if self._folder is None:
                try:
                    self._store.root.mkdir(parents=True, exist_ok=True)
                    made = tempfile.mkdtemp(dir=self._store.root, prefix=aside_prefix())
                except OSError:
                    made = tempfile.mkdtemp(prefix="pipfast-")
                self._folder = Path(made)
            folder = self._folder / hashlib.sha256(link.url.encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder / (link.filename or "file")


def _refused(link: Link, fault: HTTPStatusError) -> InstallationError:
    where = f"HTTP error {fault.status} while getting {whole(link)}"
    return InstallationError(f"{where}\nERROR: {fault.message}")


def downloads(
    orders: Sequence[Order], client: Client, store: Store, emit: Listener = silent
) -> Iterator[Downloaded]:
    """The files of `orders` as they are done; they are gone when the iterator is closed."""
    files = Files(client, store, emit)
    try:
        yield from files.many(orders)
    finally:
        files.close()
