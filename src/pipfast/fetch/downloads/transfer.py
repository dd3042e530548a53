"""Transfer one file from the network to disk, resuming interrupted downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import BinaryIO, Protocol

from pipfast.fetch.downloads.descriptions import progress_of
from pipfast.fetch.downloads.hash_check import StreamDigests
from pipfast.fetch.downloads.ordered_lines import OrderedReports
from pipfast.fetch.events import DownloadContinued, DownloadInterrupted, DownloadResumed
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, Transfer
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    HTTPStatusError,
    IncompleteDownloadError,
    NetworkError,
)
from pipfast.net.response import ResponseStream, whole_number
from pipfast.store.partial_files import PartialFile

_REPORT_EVERY = 512 * 1024
_CHUNK = 1 << 20
_PROGRESS = 1 << 20
"""Bytes that must have come before the attempts to resume are counted anew."""
_RANGE_NOT_SATISFIABLE = 416


class TransferRequest(Protocol):
    """The file to transfer."""

    @property
    def link(self) -> Link:
        """Its location."""
        ...

    @property
    def expected(self) -> tuple[Digest, ...]:
        """The digests of which it must match one."""
        ...


class FileTransfer:
    """The transfer of one file, resumed after interruptions.

    `file` may contain the beginning of a `partial` file; `was_continued` is whether it was used.
    """

    def __init__(
        self,
        client: Client,
        order: TransferRequest,
        file: BinaryIO,
        emit: Listener,
        is_stopped: Callable[[], bool],
        partial: PartialFile | None = None,
    ) -> None:
        self._client = client
        self._order = order
        self._file = file
        self._emit = emit
        self._is_stopped = is_stopped
        self._partial = partial
        self.total: int | None = None
        self._validator = ""
        self.done = 0
        self.was_continued = False
        self.digester = StreamDigests(order.expected)

    def run(self, lines: OrderedReports | None, begun: ResponseStream | None = None) -> None:
        """Transfer the complete file, from a response that has `begun` if there is one.

        Raises NetworkError, in particular IncompleteDownloadError if resuming fails.
        """
        url = self._order.link.url
        headers = self._continue_earlier(url) if begun is None else {}
        with self._opened(url, headers) if begun is None else nullcontext(begun) as stream:
            self._begin(stream, url)
            if lines is not None:
                lines.size(self._order.link, self.total)
            self._take(stream)
        self._complete(url)
        self._report_progress()

    def _complete(self, url: str) -> None:
        """Resume until the file is complete.

        Like pip's, the attempts are limited; unlike pip's, they are counted anew after progress.
        """
        attempts, since = 0, self.done
        while self.total is not None and self.done < self.total:
            if self._is_stopped():
                raise IncompleteDownloadError(url, self._status(), attempts, self.total)
            if attempts >= self._client.policy.resume_retries:
                if not attempts or self.done - since < _PROGRESS:
                    raise IncompleteDownloadError(url, self._status(), attempts, self.total)
                self._emit(DownloadContinued(self.done, self.total, attempts))
                attempts, since = 0, self.done
            attempts += 1
            self._emit(DownloadResumed(self.done, self.total, attempts))
            self._resume(url)

    def _continue_earlier(self, url: str) -> dict[str, str]:
        """Read what an earlier run left of the file; return the headers that ask for the rest."""
        if self._partial is None:
            return {}
        while chunk := self._file.read(_CHUNK):
            self.digester.update(chunk)
            self.done += len(chunk)
        self.was_continued = self.done > 0
        if not self.done:
            return {}
        validator = self._partial.validator(url)
        headers = {"range": f"bytes={self.done}-"}
        return {**headers, "if-range": validator} if validator else headers

    @contextmanager
    def _opened(self, url: str, headers: Mapping[str, str]) -> Iterator[ResponseStream]:
        """Open the response; if the server refuses the range, to a request for the whole file."""
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(self._client.stream(url, headers))
            except HTTPStatusError as error:
                if not headers or error.status != _RANGE_NOT_SATISFIABLE:
                    raise
                stream = stack.enter_context(self._client.stream(url))
            yield stream

    def _begin(self, stream: ResponseStream, url: str) -> None:
        """Note the size of the file and its validator, and whether its beginning is here."""
        if stream.status == 206 and not _starts_elsewhere(stream.headers, self.done):
            rest = _length(stream.headers)
            self.total = None if rest is None else self.done + rest
        else:
            self._restart(stream)
        self._validator = stream.headers.get("etag") or stream.headers.get("last-modified", "")
        if self._partial is not None:
            self._partial.came_from(url, self._validator)

    def _resume(self, url: str) -> None:
        headers = {"range": f"bytes={self.done}-"}
        if self._validator:
            headers["if-range"] = self._validator
        try:
            with self._client.stream(url, headers) as stream:
                if stream.status != 206:
                    self._restart(stream)
                elif _starts_elsewhere(stream.headers, self.done):
                    raise IncompleteDownloadError(url, self._status(), 1, self.total)
                self._take(stream)
        except (ConnectionFailedError, ConnectionTimeoutError):
            return

    def _restart(self, stream: ResponseStream) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.done = 0
        self.was_continued = False
        self.digester = StreamDigests(self._order.expected)
        self.total = _length(stream.headers)

    def _take(self, stream: ResponseStream) -> None:
        reported = self.done
        try:
            for chunk in stream.chunks:
                self._file.write(chunk)
                self.digester.update(chunk)
                self.done += len(chunk)
                if self.done - reported >= _REPORT_EVERY:
                    reported = self.done
                    self._report_progress()
                if self._is_stopped():
                    return
        except NetworkError:
            if self.total is None:
                raise
            self._emit(DownloadInterrupted())

    def _report_progress(self) -> None:
        self._emit(Transfer(self._order.link.filename, self.done, self.total))

    def _status(self) -> str:
        return progress_of(self.done, self.total)


def _length(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "")
    return whole_number(text)


def _starts_elsewhere(headers: Mapping[str, str], wanted: int) -> bool:
    start = headers.get("content-range", "").lower().partition("bytes ")[2].partition("-")[0]
    return bool(start) and start != str(wanted)
