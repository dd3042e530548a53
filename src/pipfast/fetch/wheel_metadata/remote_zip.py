"""Read parts of a ZIP archive on a server: first its end, which contains the directory."""

from __future__ import annotations

import io
from collections.abc import Callable

from pipfast.net.client import Client
from pipfast.net.response import ResponseStream

TAIL = 32 * 1024
"""How much of the end is read first: most wheels have their metadata there, too."""

_BLOCK = 16 * 1024


class RemoteFile(io.RawIOBase):
    """The file at `url` as a seekable file that uses range requests, for zipfile.

    Raises NetworkError; RangesUnsupportedError if the server sends the whole file, after calling
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
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the current position."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position like a file."""
        base = (0, self._place, self.size)[whence]
        self._place = base + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from bytes that were read before, or from the server."""
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
