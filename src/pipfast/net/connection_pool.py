"""Keep connections to servers open for later requests, without a search through all of them.

A cold resolution sends a hundred requests within a second over as many connections as it has
threads. httpcore's own pool looks at every connection for every request that begins or ends, under
a lock, which takes a tenth of such a resolution.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import httpcore


class Connection(Protocol):
    """What the pool needs of a connection of httpcore."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; return the response when its head has arrived."""
        ...

    def is_idle(self) -> bool:
        """Return whether the last response was read, and another request may be sent."""
        ...

    def has_expired(self) -> bool:
        """Return whether the server has closed the connection, or it was idle for too long."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class ConnectionPool:
    """Connections that `open_` makes, at most `limit` at a time. Safe for several threads.

    A request that finds `limit` connections in use waits until one of them is free.
    """

    def __init__(self, open_: Callable[[httpcore.Origin], Connection], limit: int) -> None:
        self._open = open_
        self._limit = limit
        self._free = threading.Condition()
        self._idle: list[tuple[httpcore.Origin, Connection]] = []
        self._count = 0
        self._used: set[Connection] = set()
        self._is_closed = False

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; the caller closes the response. Raises httpcore's exceptions."""
        origin = request.url.origin
        connection = self._taken(origin)
        try:
            response = connection.handle_request(request)
        except BaseException:
            self._give_back(origin, connection, broken=True)
            raise
        stream = response.stream
        assert isinstance(stream, Iterable), "a connection that blocks has a stream that blocks"
        return httpcore.Response(
            response.status,
            headers=response.headers,
            content=_Body(stream, lambda: self._give_back(origin, connection)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close all connections; requests that other threads have begun end in an error."""
        with self._free:
            self._is_closed = True
            closing = [connection for _, connection in self._idle] + list(self._used)
            self._idle.clear()
            self._used.clear()
            self._free.notify_all()
        for connection in closing:
            connection.close()

    def _taken(self, origin: httpcore.Origin) -> Connection:
        """Return an idle connection to `origin`, or a new one.

        Raises httpcore.PoolTimeout if the pool is closed.
        """
        expired: list[Connection] = []
        with self._free:
            while True:
                if self._is_closed:
                    raise httpcore.PoolTimeout("the pool is closed")
                connection = self._from_idle(origin, expired)
                if connection is None and self._count >= self._limit and self._idle:
                    expired.append(self._idle.pop(0)[1])  # to another server
                    self._count -= 1
                if connection is None and self._count < self._limit:
                    connection = self._open(origin)
                    self._count += 1
                if connection is not None:
                    self._used.add(connection)
                    break
                self._free.wait()
        for each in expired:
            each.close()
        return connection

    def _from_idle(self, origin: httpcore.Origin, expired: list[Connection]) -> Connection | None:
        """Return the connection to `origin` that was used last, if the server keeps it open."""
        for place in range(len(self._idle) - 1, -1, -1):
            own, connection = self._idle[place]
            if own != origin:
                continue
            del self._idle[place]
            if not connection.has_expired():
                return connection
            expired.append(connection)
            self._count -= 1
        return None

    def _give_back(
        self, origin: httpcore.Origin, connection: Connection, *, broken: bool = False
    ) -> None:
        """Keep a connection whose response was read, and close any other."""
        is_idle = not broken and connection.is_idle()
        with self._free:
            if connection not in self._used:
                return  # the pool was closed
            self._used.discard(connection)
            if is_idle:
                self._idle.append((origin, connection))
            else:
                self._count -= 1
            self._free.notify()
        if not is_idle:
            connection.close()


class _Body:
    """The body of a response, which gives its connection back when it is closed."""

    def __init__(self, stream: Iterable[bytes], give_back: Callable[[], None]) -> None:
        self._stream = stream
        self._give_back = give_back
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the response."""
        if self._is_closed:
            return
        self._is_closed = True
        close = getattr(self._stream, "close", None)
        try:
            if close is not None:
                close()
        finally:
            self._give_back()
