"""HTTP responses, read completely or as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipfast.model.frozen_dataclass import dataclass
from pipfast.net.errors import HTTPStatusError

_DIGITS = 18  # of the longest number in a header; more would not fit 64 bits


def whole_number(text: str) -> int | None:
    """Return the number of bytes or seconds in a header, None if `text` is not one."""
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        return int(text)
    return None


@dataclass(frozen=True, slots=True)
class Response:
    """A response with its whole body.

    `url` is the address after redirects. `headers` have lower-case keys. `reason` is the reason
    phrase as the server sent it.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    reason: str = ""

    def raise_for_status(self) -> Response:
        """Return the response itself if its status is no error. Raises HTTPStatusError."""
        if self.status >= 400:
            raise HTTPStatusError(self.url, self.status, self.reason)
        return self


@dataclass(frozen=True, slots=True)
class ResponseStream:
    """A response whose body has not been read; the other fields are those of Response.

    `version` is the server's version of HTTP. `chunks` yields the body as the server sent it. It
    raises ConnectionFailedError or ConnectionTimeoutError when the connection breaks.
    """

    url: str
    status: int
    reason: str
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    version: str = "HTTP/1.1"
