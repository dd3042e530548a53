"""Transfer one file from the network to disk, resuming interrupted downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import BinaryIO, Protocol

from pipfast.fetch.downloads.hash_check import StreamDigests
from pipfast.fetch.downloads.ordered_lines import OrderedReports
from pipfast.fetch.downloads.sizes import progress_of
from pipfast.fetch.events import DownloadInterrupted, DownloadResumed
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, Transfer
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    IncompleteDownloadError,
    NetworkError,
)
from pipfast.net.response import ResponseStream, whole_number

_REPORT_EVERY = 512 * 1024


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
    """The transfer of one file, resumed after interruptions."""

    def __init__(
        self,
        client: Client,
        order: TransferRequest,
        file: BinaryIO,
        emit: Listener,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._client = client
        self._order = order
        self._file = file
        self._emit = emit
        self._is_stopped = is_stopped
        self.total: int | None = None
        self._validator = ""
        self.done = 0
        self.digester = StreamDigests(order.expected)

    def run(self, lines: OrderedReports | None, begun: ResponseStream | None = None) -> None:
        """Transfer the complete file, from a response that has `begun` if there is one.

        Raises NetworkError, in particular IncompleteDownloadError if resuming fails.
        """
        url = self._order.link.url
        with self._client.stream(url) if begun is None else nullcontext(begun) as stream:
            self.total = _length(stream.headers)
            self._validator = stream.headers.get("etag") or stream.headers.get("last-modified", "")
            if lines is not None:
                lines.size(self._order.link, self.total)
            self._take(stream)
        attempts = 0
        while self.total is not None and self.done < self.total:
            if attempts >= self._client.policy.resume_retries or self._is_stopped():
                raise IncompleteDownloadError(url, self._status(), attempts, self.total)
            attempts += 1
            self._emit(DownloadResumed(self.done, self.total, attempts))
            self._resume(url)
        self._report_progress()

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
