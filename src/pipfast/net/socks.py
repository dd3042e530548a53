"""A network backend of httpcore that connects through SOCKS 4, 4a and 5 proxies.

Sources: RFC 1928, RFC 1929, and the descriptions of SOCKS 4 and 4a that proxies follow. The scheme
decides who resolves host names, as in PySocks, which pip uses: the proxy for ``socks4a`` and
``socks5h``, this machine for ``socks4`` and ``socks5``.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

import httpcore

_NO_ACCOUNT, _ACCOUNT, _NO_METHOD = 0, 2, 255
_NAME_SIZE = 255  # bytes of a name, user or password
_REFUSALS = {
    1: "General SOCKS server failure",
    2: "Connection not allowed by ruleset",
    3: "Network unreachable",
    4: "Host unreachable",
    5: "Connection refused",
    6: "TTL expired",
    7: "Command not supported, or protocol error",
    8: "Address type not supported",
}
_REFUSALS_OF_4 = {
    91: "Request rejected or failed",
    92: "Request rejected because SOCKS server cannot connect to identd on the client",
    93: "Request rejected because the client program and identd report different user-ids",
}


class SocksBackend(httpcore.NetworkBackend):
    """Opens connections through `proxy`, a URL with or without user and password."""

    def __init__(self, proxy: str) -> None:
        parts = urlsplit(proxy)
        self._version = 4 if parts.scheme in ("socks4", "socks4a") else 5
        self._resolves = parts.scheme in ("socks4", "socks5")
        self._address = parts.hostname or "", parts.port or 1080
        self._account = unquote(parts.username or ""), unquote(parts.password or "")
        self._direct = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to `host`. Raises httpcore's errors; ProxyError if refused."""
        target = self._target(host)
        stream = self._direct.connect_tcp(*self._address, timeout, local_address, socket_options)
        try:
            handshake = _Handshake(stream, timeout, self._account)
            connect = handshake.socks4 if self._version == 4 else handshake.socks5
            connect(target, port)
        except BaseException:
            stream.close()
            raise
        return stream

    def _target(self, host: str) -> str:
        """Return the address that the proxy is to connect to, or the name for it to resolve."""
        if not self._resolves or _is_address(host):
            return host
        family = socket.AF_INET if self._version == 4 else socket.AF_UNSPEC
        try:
            found = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return str(found[0][4][0])


class _Handshake:
    """The messages that ask the proxy at the other end of `stream` to connect to a target."""

    def __init__(
        self, stream: httpcore.NetworkStream, timeout: float | None, account: tuple[str, str]
    ) -> None:
        self._stream = stream
        self._timeout = timeout
        self._account = account

    def socks4(self, host: str, port: int) -> None:
        """Request a connection with SOCKS 4, or with 4a if `host` is a name."""
        name = b""
        if _is_address(host):
            address = ip_address(host)
            if not isinstance(address, IPv4Address):
                raise httpcore.ProxyError("SOCKS4 does not support IPv6 addresses")
            packed = address.packed
        else:
            packed, name = b"\0\0\0\1", host.encode("ascii") + b"\0"
        user = self._account[0].encode() + b"\0"
        self._send(struct.pack(">BBH4s", 4, 1, port, packed) + user + name)
        _, code, _, _ = struct.unpack(">BBH4s", self._receive(8))
        if code != 90:
            raise httpcore.ProxyError(f"0x{code:02x}: {_REFUSALS_OF_4.get(code, 'Unknown error')}")

    def socks5(self, host: str, port: int) -> None:
        """Request a connection with SOCKS 5."""
        methods = bytes([_NO_ACCOUNT, _ACCOUNT] if self._account[0] else [_NO_ACCOUNT])
        self._send(bytes([5, len(methods)]) + methods)
        version, method = self._receive(2)
        if version != 5:
            raise httpcore.ProxyError("SOCKS5 proxy server sent invalid data")
        if method == _ACCOUNT and _ACCOUNT in methods:
            self._log_in()
        elif method != _NO_ACCOUNT:
            raise httpcore.ProxyError("All offered SOCKS5 authentication methods were rejected")
        self._send(b"\5\1\0" + _address(host) + struct.pack(">H", port))
        _, code, _, kind = self._receive(4)
        if code:
            raise httpcore.ProxyError(f"0x{code:02x}: {_REFUSALS.get(code, 'Unknown error')}")
        size = {1: 4, 4: 16}.get(kind)
        self._receive((self._receive(1)[0] if size is None else size) + 2)

    def _log_in(self) -> None:
        user, password = map(_short, self._account)
        self._send(b"\1" + user + password)
        if self._receive(2)[1] != 0:
            raise httpcore.ProxyError("SOCKS5 authentication failed")

    def _send(self, data: bytes) -> None:
        self._stream.write(data, self._timeout)

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._stream.read(count - len(data), self._timeout)
            if not part:
                raise httpcore.ProxyError("Connection closed unexpectedly")
            data += part
        return data


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _address(host: str) -> bytes:
    """Return a host in the encoding of SOCKS 5."""
    if not _is_address(host):
        return b"\3" + _short(host)
    address = ip_address(host)
    kind = b"\4" if isinstance(address, IPv6Address) else b"\1"
    return kind + address.packed


def _short(text: str) -> bytes:
    """Return a text with its length in front of it. Raises ProxyError if it is too long."""
    data = text.encode()
    if len(data) > _NAME_SIZE:
        raise httpcore.ProxyError("a name, user or password has more than 255 bytes")
    return bytes([len(data)]) + data
