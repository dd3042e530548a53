"""Read the body of a response: at most so many bytes, and without its content codings."""

from __future__ import annotations

import zlib

from pipfast.net.errors import ConnectionFailedError
from pipfast.net.response import ResponseStream
from pipfast.net.response_limits import BODY_SIZE, IGNORED_SIZE
from pipfast.net.secure_origins import host_of

_MAX_CODINGS = 5  # the limit of urllib3
_GZIP = b"\x1f\x8b"


def limited(stream: ResponseStream, limit: int) -> bytes:
    """Return the body of at most `limit` bytes. Raises NetworkError for a larger one."""
    chunks, size = [], 0
    for chunk in stream.chunks:
        size += len(chunk)
        if size > limit:
            raise TooLargeError(stream.url, limit)
        chunks.append(chunk)
    return b"".join(chunks)


class TooLargeError(ConnectionFailedError):
    """A response has more bytes than are read."""

    def __init__(self, url: str, limit: int) -> None:
        why = f"the response has more than {limit >> 20} MiB"
        super().__init__(url, host_of(url), why)


def read_ignored(stream: ResponseStream) -> None:
    """Read a short body, so that the connection can be used again. Raises NetworkError."""
    size = 0
    for chunk in stream.chunks:
        size += len(chunk)
        if size > IGNORED_SIZE:
            return


def decompressed(url: str, codings: str, body: bytes) -> bytes:
    """Undo the content codings of a response, of which the last was applied last (RFC 9110).

    Raises NetworkError, also for a body that decompresses to more than BODY_SIZE.
    """
    applied = [coding.strip() for coding in codings.split(",")]
    if len(applied) > _MAX_CODINGS:
        why = f"the response has more than {_MAX_CODINGS} content codings"
        raise ConnectionFailedError(url, host_of(url), why)
    try:
        for coding in reversed(applied):
            body = _decoded(coding, body)
            if len(body) > BODY_SIZE:
                raise TooLargeError(url, BODY_SIZE)
    except zlib.error as error:
        why = f"the response cannot be decompressed: {error}"
        raise ConnectionFailedError(url, host_of(url), why) from None
    return body


def _decoded(coding: str, body: bytes) -> bytes:
    """Undo one content coding, up to one byte beyond BODY_SIZE. Raises zlib.error."""
    if coding in ("gzip", "x-gzip"):
        return _gunzipped(body)
    if coding == "deflate":
        return _inflated(body, 15 if body[:1] == b"\x78" else -15)[0]
    return body


def _gunzipped(body: bytes) -> bytes:
    """Return the content of all gzip members; what follows them is ignored (urllib3 behaviour)."""
    members: list[bytes] = []
    left = BODY_SIZE + 1
    while body and left > 0 and (not members or body.startswith(_GZIP)):
        member, body = _inflated(body, 31, left)
        members.append(member)
        left -= len(member)
    return b"".join(members)


def _inflated(body: bytes, window: int, limit: int = BODY_SIZE + 1) -> tuple[bytes, bytes]:
    """Return at most `limit` bytes of the content, and what follows it. Raises zlib.error."""
    unpacker = zlib.decompressobj(window)
    content = unpacker.decompress(body, limit)
    if not unpacker.eof and len(content) < limit:
        raise zlib.error("incomplete or truncated stream")
    return content, unpacker.unused_data
