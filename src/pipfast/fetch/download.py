"""Whole files: fetched in parallel, checked while they come, yielded as they are done."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from pipfast.errors import InstallationError
from pipfast.fetch.hashes import Digester, check, digests_of
from pipfast.fetch.words import download_line, human_size, whole
from pipfast.model.digest import Digest
from pipfast.model.events import Level, Listener, Said, Transfer, silent
from pipfast.model.link import Link
from pipfast.net.client import Client, Stream
from pipfast.net.faults import (
    ConnectionFailed,
    IncompleteDownload,
    NetworkFault,
    StatusFault,
    TimedOut,
)
from pipfast.net.origins import is_kept
from pipfast.store.folder import Store

STREAMS = 6
"""How many files come at once."""

_TELL_EVERY = 512 * 1024


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
    """The files of this run; each is fetched once and lies in a folder that `close` removes."""

    def __init__(self, client: Client, store: Store, emit: Listener = silent) -> None:
        self._client = client
        self._store = store
        self._emit = emit
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._have: dict[str, Downloaded] = {}
        self._said: set[str] = set()

    def have(self, link: Link) -> bool:
        """Whether the file of `link` is here already."""
        return link.url in self._have

    def size(self, link: Link) -> int | None:
        """The size of a file that is here, None of one that is not."""
        known = self._have.get(link.url)
        return None if known is None else known.size

    def announce(
        self, link: Link, size: int | None, *, indent: str = "", cached: bool = False
    ) -> None:
        """Say pip's ``Downloading …`` (``Using cached …``) for `link`, once a run."""
        if link.is_file or link.url in self._said:
            return
        self._said.add(link.url)
        cached = cached and is_kept(link.url, self._client.policy.trusted_hosts)
        self._emit(Said(Level.INFO, indent + download_line(link.url, size, cached=cached)))

    def spoken_of(self, link: Link) -> None:
        """Take note that the line of `link` has been said."""
        self._said.add(link.url)

    def one(self, order: Order) -> Downloaded:
        """The file of `order`, here and checked.

        Raises HashMismatch, NetworkFault, InstallationError.
        """
        link = order.link
        known = self._have.get(link.url)
        if known is None:
            known = self._local(order) if link.is_file else self._fetch(order)
            self._have[link.url] = known
        elif not set(order.expected) <= set(known.digests):
            received = digests_of(known.path, order.expected)
            known = Downloaded(link, known.path, received, known.size)
        check(order.requirement, order.expected, known.digests)
        return known

    def many(self, orders: Sequence[Order]) -> Iterator[Downloaded]:
        """The files of `orders` as they are done, the largest begun first.

        What is said keeps the order of `orders`. Raises what `one` raises, after the streams
        that are under way have ended.
        """
        waiting = sorted(
            (order for order in orders if order.kept is None),
            key=lambda order: -(order.link.size or 0),
        )
        lines = _InOrder(orders, self.announce)
        remote = [order for order in waiting if not (order.link.is_file or self.have(order.link))]
        for order in waiting:
            if order not in remote:
                lines.size(order.link, order.link.size)
                yield self.one(order)
        lines.begin()
        if not remote:
            return
        stop = threading.Event()
        done: SimpleQueue[Downloaded | BaseException] = SimpleQueue()
        queue: SimpleQueue[Order] = SimpleQueue()
        for order in remote:
            queue.put(order)
        crew = [
            threading.Thread(target=self._serve, args=(queue, done, stop, lines), daemon=True)
            for _ in range(min(STREAMS, len(remote)))
        ]
        for thread in crew:
            thread.start()
        try:
            for _ in remote:
                result = done.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stop.set()

    def close(self) -> None:
        """Remove the files."""
        with self._lock:
            folder, self._folder = self._folder, None
            self._have.clear()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _serve(
        self,
        queue: SimpleQueue[Order],
        done: SimpleQueue[Downloaded | BaseException],
        stop: threading.Event,
        lines: _InOrder,
    ) -> None:
        while not stop.is_set():
            try:
                order = queue.get_nowait()
            except Exception:  # noqa: BLE001 - queue.Empty, whose module costs an import
                return
            try:
                downloaded = self._fetch(order, lines, stop)
                self._have[order.link.url] = downloaded
                check(order.requirement, order.expected, downloaded.digests)
                done.put(downloaded)
            except StatusFault as fault:
                done.put(_refused(order.link, fault))
                return
            except BaseException as fault:  # noqa: BLE001 - raised by whoever waits
                done.put(fault)
                return

    def _local(self, order: Order) -> Downloaded:
        path = order.link.path
        try:
            return Downloaded(
                order.link, path, digests_of(path, order.expected), path.stat().st_size
            )
        except OSError as error:
            raise InstallationError(
                f"Could not install packages due to an OSError: {error}"
            ) from None

    def _fetch(
        self, order: Order, lines: _InOrder | None = None, stop: threading.Event | None = None
    ) -> Downloaded:
        path = self._place(order.link)
        try:
            with path.open("wb+") as file:
                transfer = _Transfer(self._client, order, file, self._emit, stop)
                transfer.run(lines)
        except OSError as error:
            raise InstallationError(
                f"Could not install packages due to an OSError: {error}"
            ) from None
        return Downloaded(order.link, path, transfer.digester.digests(), transfer.done)

    def _place(self, link: Link) -> Path:
        with self._lock:
            if self._folder is None:
                try:
                    self._store.root.mkdir(parents=True, exist_ok=True)
                    made = tempfile.mkdtemp(dir=self._store.root, prefix=".aside-")
                except OSError:
                    made = tempfile.mkdtemp(prefix="pipfast-")
                self._folder = Path(made)
            folder = self._folder / hashlib.sha256(link.url.encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder / (link.filename or "file")


def _refused(link: Link, fault: StatusFault) -> InstallationError:
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


class _Transfer:
    """One file on its way, resumed where the connection breaks."""

    def __init__(
        self,
        client: Client,
        order: Order,
        file: BinaryIO,
        emit: Listener,
        stop: threading.Event | None,
    ) -> None:
        self._client = client
        self._order = order
        self._file = file
        self._emit = emit
        self._stop = stop
        self._total: int | None = None
        self._validator = ""
        self.done = 0
        self.digester = Digester(order.expected)

    def run(self, lines: _InOrder | None) -> None:
        """Bring the whole file.

        Raises NetworkFault, of which IncompleteDownload when resuming does not help.
        """
        url = self._order.link.url
        with self._client.stream(url) as stream:
            self._total = _length(stream.headers)
            self._validator = stream.headers.get("etag") or stream.headers.get("last-modified", "")
            if lines is not None:
                lines.size(self._order.link, self._total)
            self._take(stream)
        attempts = 0
        while self._total is not None and self.done < self._total:
            if attempts >= self._client.policy.resume_retries or self._stopped():
                raise IncompleteDownload(url, self._status(), attempts)
            attempts += 1
            self._say(
                f"Attempting to resume incomplete download ({self._status()}, attempt {attempts})"
            )
            self._resume(url)
        self._tell()

    def _resume(self, url: str) -> None:
        headers = {"range": f"bytes={self.done}-"}
        if self._validator:
            headers["if-range"] = self._validator
        try:
            with self._client.stream(url, headers) as stream:
                if stream.status != 206:
                    self._restart(stream)
                elif _starts_elsewhere(stream.headers, self.done):
                    raise IncompleteDownload(url, self._status(), 1)
                self._take(stream)
        except (ConnectionFailed, TimedOut):
            return

    def _restart(self, stream: Stream) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.done = 0
        self.digester = Digester(self._order.expected)
        self._total = _length(stream.headers)

    def _take(self, stream: Stream) -> None:
        told = self.done
        try:
            for chunk in stream.chunks:
                self._file.write(chunk)
                self.digester.update(chunk)
                self.done += len(chunk)
                if self.done - told >= _TELL_EVERY:
                    told = self.done
                    self._tell()
                if self._stopped():
                    return
        except NetworkFault:
            if self._total is None:
                raise
            self._say("Connection interrupted while downloading.")

    def _stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _tell(self) -> None:
        self._emit(Transfer(self._order.link.filename, self.done, self._total))

    def _status(self) -> str:
        return f"{human_size(self.done)}/{human_size(self._total or 0)}"

    def _say(self, text: str) -> None:
        self._emit(Said(Level.WARNING, text))


class _InOrder:
    """Says each file's line as soon as its size and all lines before it are known."""

    def __init__(self, orders: Sequence[Order], announce: Callable[..., None]) -> None:
        self._waiting = [order.link for order in orders]
        self._kept = {order.link.url: order.kept for order in orders if order.kept is not None}
        self._sizes: dict[str, int | None] = {
            link.url: link.size for link in self._waiting if link.size or link.is_file
        }
        self._sizes |= self._kept
        self._announce = announce
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Say the lines of kept files up to the first that has to come."""
        with self._lock:
            self._go_on(self._kept)

    def size(self, link: Link, size: int | None) -> None:
        """Take note of a size."""
        with self._lock:
            self._sizes.setdefault(link.url, size)
            self._go_on(self._sizes)

    def _go_on(self, known: Mapping[str, int | None]) -> None:
        while self._waiting and self._waiting[0].url in known:
            link = self._waiting.pop(0)
            self._announce(link, known[link.url], cached=link.url in self._kept)


def _length(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "")
    return int(text) if text.isdigit() else None


def _starts_elsewhere(headers: Mapping[str, str], wanted: int) -> bool:
    start = headers.get("content-range", "").lower().partition("bytes ")[2].partition("-")[0]
    return bool(start) and start != str(wanted)


def remove(path: Path) -> None:
    """Take a file away that may be gone already."""
    with suppress(OSError):
        path.unlink()
