"""The connection pool, with real connections to a server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpcore
import pytest

from pipfast.net.connection_pool import ConnectionPool

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers every request, and counts its connections; `close_all` closes those that are open."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.open: list[socket.socket] = []
        self.connections = 0
        self.answer = ANSWER
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                while connection.recv(65536):
                    connection.sendall(self.answer)
        except OSError:
            return

    def close_all(self) -> None:
        for connection in self.open:
            with suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.listener.close()
        server.close_all()


@contextmanager
def pooling(limit: int = 4) -> Iterator[ConnectionPool]:
    pool = ConnectionPool(
        lambda origin: httpcore.HTTPConnection(origin, keepalive_expiry=60), limit
    )
    try:
        yield pool
    finally:
        pool.close()


def ask(pool: ConnectionPool, url: str) -> bytes:
    response = pool.handle_request(request(url))
    try:
        return b"".join(response.iter_stream())
    finally:
        response.close()


def request(url: str) -> httpcore.Request:
    return httpcore.Request("GET", url, headers=[(b"host", b"h")])


def test_a_connection_is_used_again() -> None:
    with serving() as server, pooling() as pool:
        assert [ask(pool, server.url) for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 1


def test_a_connection_that_the_server_closed_is_replaced() -> None:
    with serving() as server, pooling() as pool:
        ask(pool, server.url)
        server.close_all()
        assert ask(pool, server.url) == b"ok"
        assert server.connections == 2


def test_a_response_that_was_not_read_closes_its_connection() -> None:
    with serving() as server, pooling(limit=1) as pool:
        pool.handle_request(request(server.url)).close()
        assert ask(pool, server.url) == b"ok"
        assert server.connections == 2


def test_a_request_waits_for_a_free_connection() -> None:
    with serving() as server, pooling(limit=1) as pool:
        first = pool.handle_request(request(server.url))
        answers: list[bytes] = []
        waiting = threading.Thread(target=lambda: answers.append(ask(pool, server.url)))
        waiting.start()
        waiting.join(0.2)
        assert answers == []
        assert b"".join(first.iter_stream()) == b"ok"
        first.close()
        waiting.join(10)
        assert answers == [b"ok"]
        assert server.connections == 1


def test_an_idle_connection_makes_room_for_another_server() -> None:
    with serving() as one, serving() as other, pooling(limit=1) as pool:
        assert [ask(pool, url) for url in (one.url, other.url, one.url)] == [b"ok"] * 3
        assert (one.connections, other.connections) == (2, 1)


def test_a_connection_that_fails_makes_room() -> None:
    with serving() as server, pooling(limit=1) as pool:
        free = socket.create_server(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/"
        free.close()
        for _ in range(3):
            with pytest.raises(httpcore.ConnectError):
                ask(pool, closed)
        assert ask(pool, server.url) == b"ok"


def test_a_malformed_answer_makes_room() -> None:
    with serving() as server, pooling(limit=1) as pool:
        server.answer = b"nonsense\r\n\r\n"
        with pytest.raises(httpcore.RemoteProtocolError):
            ask(pool, server.url)
        server.answer = ANSWER
        assert ask(pool, server.url) == b"ok"


def test_closing_ends_requests_that_have_begun_and_that_wait() -> None:
    with serving() as server, pooling(limit=1) as pool:
        server.answer = b""
        faults: list[Exception] = []

        def fail() -> None:
            try:
                ask(pool, server.url)
            except Exception as fault:  # noqa: BLE001 - whatever it is
                faults.append(fault)

        threads = [threading.Thread(target=fail) for _ in range(2)]
        for thread in threads:
            thread.start()
        while not server.open:
            pass
        threads[0].join(0.2)
        pool.close()
        server.close_all()  # on some systems a close does not wake the one that reads
        for thread in threads:
            thread.join(10)
        assert len(faults) == 2
        assert any(isinstance(fault, httpcore.PoolTimeout) for fault in faults)
