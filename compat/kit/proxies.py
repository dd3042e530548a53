"""Small proxies on loopback: one for http and CONNECT, one for SOCKS 4, 4a and 5."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import BinaryIO, cast

_STEP = 1 << 16


@dataclass(slots=True)
class Account:
    """The user and password that a proxy requires; an empty user means none."""

    user: str = ""
    password: str = ""


class Proxy(ThreadingTCPServer):
    """A running proxy; `lines` records requests as ``HOW host:port``, and refusals."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[BaseRequestHandler], account: Account | None = None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.account = account or Account()
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Proxy:  # noqa: PYI034 - typing.Self came with 3.11
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Return the proxy's port."""
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection."""


class _Handler(BaseRequestHandler):
    @property
    def proxy(self) -> Proxy:
        return cast(Proxy, self.server)

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.request.makefile("rb")

    def reach(self, how: str, host: str, port: int) -> socket.socket | None:
        """Return a connection to the server, None if there is none."""
        self.proxy.lines.append(f"{how} {host}:{port}")
        try:
            return socket.create_connection((host, port), timeout=10)
        except OSError:
            return None

    def exact(self, count: int) -> bytes:
        data = self.file.read(count)
        if len(data) != count:
            raise ConnectionError
        return cast(bytes, data)

    def until_zero(self) -> bytes:
        data = b""
        while (byte := self.exact(1)) != b"\0":
            data += byte
        return data

    def relay(self, there: socket.socket) -> None:
        """Pass bytes in both directions until one side ends."""
        back = threading.Thread(target=_copy, args=(there.recv, self.request), daemon=True)
        back.start()
        _copy(self.file.read1, there)
        back.join(10)
        there.close()


def _copy(read: object, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := read(_STEP):  # type: ignore[operator]
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _closing(reply: BinaryIO) -> bytes:
    """Return the head of a reply, which tells the client that the connection ends with it."""
    head = [reply.readline()]
    while (line := reply.readline()) not in (b"\r\n", b""):
        if not line.lower().startswith(b"connection:"):
            head.append(line)
    return b"".join([*head, b"Connection: close\r\n\r\n"])


class HttpProxy(_Handler):
    """Answers CONNECT and passes on requests with an absolute address, one per connection."""

    def handle(self) -> None:
        """Serve one connection."""
        words = self.file.readline().decode("latin-1").split()
        if len(words) != 3:
            return
        headers = []
        while (line := self.file.readline()) not in (b"\r\n", b""):
            headers.append(line)
        method, target, _ = words
        if not self._knows(headers):
            self.proxy.lines.append(f"{method} 407")
            self.request.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n'
            )
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            there = self.reach(method, host, int(port))
            if there is None:
                self.request.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.relay(there)
            return
        place, _, path = target.partition("://")[2].partition("/")
        host, _, port = place.partition(":")
        there = self.reach(method, host, int(port or 80))
        if there is None:
            self.request.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        kept = [line for line in headers if not line.lower().startswith((b"proxy-", b"connection"))]
        first = f"{method} /{path} HTTP/1.1\r\n".encode("latin-1")
        there.sendall(b"".join([first, *kept, b"Connection: close\r\n\r\n"]))
        with there, there.makefile("rb") as reply:
            self.request.sendall(_closing(reply))
            _copy(reply.read1, self.request)

    def _knows(self, headers: list[bytes]) -> bool:
        account = self.proxy.account
        if not account.user:
            return True
        pair = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
        wanted = f"proxy-authorization: basic {pair}".lower()
        return any(line.decode("latin-1").strip().lower() == wanted for line in headers)


class SocksProxy(_Handler):
    """Speaks SOCKS 4, 4a and 5 (RFC 1928) with user and password (RFC 1929)."""

    def handle(self) -> None:
        """Serve one connection."""
        version = self.exact(1)
        if version == b"\4":
            self._four()
        elif version == b"\5":
            self._five()

    def _four(self) -> None:
        command, port, address = struct.unpack(">BH4s", self.exact(7))
        user = self.until_zero().decode()
        how, host = "SOCKS4", socket.inet_ntoa(address)
        if address[:3] == b"\0\0\0" and address[3]:
            how, host = "SOCKS4a", self.until_zero().decode()
        known = user == self.proxy.account.user
        there = self.reach(how, host, port) if known and command == 1 else None
        code = 90 if there is not None else 91 if known else 93
        self.request.sendall(struct.pack(">BBH4s", 0, code, 0, b"\0\0\0\0"))
        if there is not None:
            self.relay(there)

    def _five(self) -> None:
        offered = self.exact(self.exact(1)[0])
        wanted = 2 if self.proxy.account.user else 0
        if wanted not in offered:
            self.request.sendall(b"\5\xff")
            return
        self.request.sendall(bytes((5, wanted)))
        if wanted == 2 and not self._accepted():
            return
        _, command, _, kind = self.exact(4)
        how = "SOCKS5"
        if kind == 1:
            host = socket.inet_ntoa(self.exact(4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, self.exact(16))
        else:
            how, host = "SOCKS5h", self.exact(self.exact(1)[0]).decode()
        (port,) = struct.unpack(">H", self.exact(2))
        there = self.reach(how, host, port) if command == 1 else None
        code = 0 if there is not None else 5
        self.request.sendall(bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0)))
        if there is not None:
            self.relay(there)

    def _accepted(self) -> bool:
        self.exact(1)
        user = self.exact(self.exact(1)[0]).decode()
        password = self.exact(self.exact(1)[0]).decode()
        account = self.proxy.account
        is_known = (user, password) == (account.user, account.password)
        self.request.sendall(b"\1\0" if is_known else b"\1\1")
        if not is_known:
            self.proxy.lines.append("SOCKS5 denied")
        return is_known
