"""A ZIP archive on a server, read in parts: its end first, where the directory stands."""

from __future__ import annotations

import io
from collections.abc import Callable

from pipfast.net.client import Client
from pipfast.net.response import ResponseStream

TAIL = 32 * 1024
"""How much of the end is read at once: most wheels have their metadata there too."""

_BLOCK = 16 * 1024


class RemoteFile(io.RawIOBase):
    """The file at `url`, as zipfile wants it: seekable, and read by range requests.

    Raises NetworkError; RangesUnsupportedError if the server sends the whole file, after a call of
    `on_whole_file` with its response.
    """

    def __init__(
        self,
        client: Client,
        url: str,
        on_whole_file: Callable[[ResponseStream], object] | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._url = url
        tail, self.size = client.read_range(url, -TAIL, on_whole_file=on_whole_file)
        self._parts: list[tuple[int, bytes]] = [(self.size - len(tail), tail)]
        self._place = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as any file."""
        base = (0, self._place, self.size)[whence]
        self._place = base + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from what was read already, else from the server."""
        end = min(self._place + len(buffer), self.size)
        if end <= self._place:
            return 0
        data = self._between(self._place, end)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _between(self, start: int, end: int) -> bytes:
        for begin, part in self._parts:
            if begin <= start and end <= begin + len(part):
                return part[start - begin : end - begin]
        stop = min(max(end, start + _BLOCK), self.size)
        part, _ = self._client.read_range(self._url, start, stop)
        self._parts.append((start, part))
        return part[: end - start]
