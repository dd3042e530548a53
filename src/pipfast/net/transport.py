"""Send single HTTP/1.1 requests over pooled connections, directly or through a proxy.

The engine is httpcore (decision 0001). It is imported before the first request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from pipfast.errors import Interrupted
from pipfast.model.events import Listener
from pipfast.net.errors import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    NetworkError,
    SSLVerificationError,
    connection_broken,
    connection_refused,
    proxy_unreachable,
    refused_by_proxy,
)
from pipfast.net.events import ConnectionOpened, ResponseReceived
from pipfast.net.proxies import Proxies
from pipfast.net.response import ResponseStream, whole_number
from pipfast.net.response_limits import HEADERS, HEADERS_SIZE
from pipfast.net.secure_origins import host_of, is_trusted
from pipfast.policy.network import NetworkPolicy

if TYPE_CHECKING:
    import ssl

    import httpcore

    from pipfast.net.connection_pool import ConnectionPool

    Pool = ConnectionPool | httpcore.ConnectionPool

Body = Callable[[], Iterator[bytes]]
"""Begins to yield the body of a request."""

_MAX_CONNECTIONS = 32
_KEEPALIVE = 60  # seconds


class Transport:
    """Connection pools, one for each proxy, scheme and way of verifying certificates.

    The URLs that it gets contain no credentials; those are in a header. Safe for use by several
    threads.
    """

    def __init__(self, policy: NetworkPolicy) -> None:
        self._policy = policy
        self._proxies = Proxies(policy.proxy, from_environment=policy.proxies_from_environment)
        self._pools: dict[tuple[str | None, bool, bool], Pool] = {}
        self._lock = threading.Lock()
        self._user_agent = ""
        self._opened: dict[tuple[str, str, int], int] = {}
        self.is_closed = False

    @property
    def user_agent(self) -> str:
        """The value of the ``User-Agent`` header."""
        self._import_engine()
        return self._user_agent

    def names_whole_url(self, url: str) -> bool:
        """Return whether a request line has the whole URL, as http proxies want it."""
        proxy = self._proxies.for_url(url)
        return proxy is not None and proxy.startswith("http") and url.startswith("http:")

    def close(self) -> None:
        """Close the connections; requests that other threads have begun end in an error."""
        with self._lock:
            self.is_closed = True
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def send(
        self,
        method: str,
        url: str,
        headers: list[tuple[bytes, bytes]],
        emit: Listener | None = None,
        body: Body | None = None,
    ) -> tuple[ResponseStream, httpcore.Response]:
        """Send one request. The caller closes the httpcore response.

        `emit` gets a message for each connection that is opened. The headers have the size of
        `body`.

        Raises NetworkError, and Interrupted if the connections have been closed meanwhile.
        """
        if self.is_closed:
            raise Interrupted
        self._import_engine()
        import httpcore

        proxy = self._proxies.for_url(url)
        limit = self._policy.timeout
        timeouts = {"connect": limit, "read": limit, "write": limit, "pool": None}
        extensions: dict[str, object] = {"timeout": timeouts}
        if emit is not None:
            extensions["trace"] = self._openings(url, emit)
        content = None if body is None else body()
        request = httpcore.Request(
            method, url, headers=headers, content=content, extensions=extensions
        )
        with self._own_errors(url, proxy):
            response = self._pool(url, proxy).handle_request(request)
        size = sum(len(name) + len(value) for name, value in response.headers)
        if len(response.headers) > HEADERS or size > HEADERS_SIZE:
            response.close()
            limits = f"{HEADERS} headers, or headers of more than {HEADERS_SIZE >> 10} KiB"
            why = f"the response has more than {limits}"
            raise ConnectionFailedError(url, host_of(url), why)
        decoded = {k.decode("ascii").lower(): v.decode("latin-1") for k, v in response.headers}
        reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        chunks = self._chunks(url, proxy, response)
        version = response.extensions.get("http_version", b"HTTP/1.1").decode("latin-1")
        return ResponseStream(url, response.status, reason, decoded, chunks, version), response

    def pool_of(self, url: str) -> tuple[str, str, int]:
        """Return scheme, host and port of the server that a request for `url` is sent to.

        That is a proxy for http. A tunnel through a proxy leads to the host itself.
        """
        proxy = self._proxies.for_url(url)
        return origin_of(proxy if proxy is not None and self.names_whole_url(url) else url)

    def target_of(self, url: str) -> str:
        """Return what the request line for `url` names."""
        if self.names_whole_url(url):
            return url
        parts = urlsplit(url)
        return urlunsplit(("", "", parts.path or "/", parts.query, ""))

    def received(self, method: str, url: str, stream: ResponseStream) -> ResponseReceived:
        """Return the message that the head of the response to a request arrived."""
        has_no_body = method == "HEAD" or stream.status in (204, 304)
        length = whole_number(stream.headers.get("content-length", ""))
        scheme, host, port = self.pool_of(url)
        return ResponseReceived(
            origin=f"{scheme}://{host}:{port}",
            method=method,
            target=self.target_of(url),
            version=stream.version,
            status=stream.status,
            length=0 if has_no_body else length,
        )

    def _openings(self, url: str, emit: Listener) -> Callable[[str, Mapping[str, Any]], None]:
        """Return a tracer of httpcore that reports each connection that is opened for `url`.

        A tunnel through a proxy counts as a connection to its end (urllib3 behaviour).
        """

        def trace(name: str, info: Mapping[str, Any]) -> None:
            if name != "connection.connect_tcp.started":
                return
            scheme, host, port = origin_of(url)
            if scheme == "http":
                host, port = info["host"], info["port"]
            place = scheme, host, port
            self._opened[place] = self._opened.get(place, 0) + 1
            emit(ConnectionOpened(scheme, self._opened[place], host, port))

        return trace

    def _import_engine(self) -> None:
        """Import httpcore under a lock, so that no thread sees a partly imported module."""
        if self._user_agent:
            return
        with self._lock:
            import httpcore  # noqa: F401 - later imports find it in sys.modules

            from pipfast.net.user_agent import user_agent

            self._user_agent = user_agent()

    def _chunks(self, url: str, proxy: str | None, response: httpcore.Response) -> Iterator[bytes]:
        with self._own_errors(url, proxy):
            yield from response.iter_stream()

    @contextmanager
    def _own_errors(self, url: str, proxy: str | None) -> Iterator[None]:
        """Replace exceptions of httpcore, ssl and the system by NetworkError."""
        import ssl

        import httpcore

        host = host_of(url)
        try:
            yield
        except httpcore.ConnectTimeout:
            timeout = self._policy.timeout
            raise ConnectionTimeoutError(url, host, timeout, connecting=True) from None
        except httpcore.TimeoutException:
            timeout = self._policy.timeout
            raise ConnectionTimeoutError(url, host, timeout, connecting=False) from None
        except httpcore.ProxyError as error:
            raise refused_by_proxy(url, proxy or "", str(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _connection_error(error, url, proxy) from None
        except httpcore.UnsupportedProtocol as error:
            raise ConnectionFailedError(url, host, str(error)) from None
        except ssl.SSLError as error:
            raise SSLVerificationError(url, host, str(error)) from None
        except OSError as error:
            raise ConnectionFailedError(url, host, str(error)) from None

    def _pool(self, url: str, proxy: str | None) -> Pool:
        verify = not is_trusted(url, self._policy.trusted_hosts)
        # a pool without a TLS context of ours would trust what the engine trusts
        key = (proxy, verify, url.startswith("https:"))
        pool = self._pools.get(key)
        if pool is None:
            with self._lock:
                pool = self._pools.get(key)
                if pool is None:
                    pool = self._pools[key] = self._new_pool(url, proxy, verify=verify)
        return pool

    def _new_pool(self, url: str, proxy: str | None, *, verify: bool) -> Pool:
        import httpcore

        from pipfast.net.tls import ssl_contexts

        contexts: Callable[[], ssl.SSLContext] | None = None
        if url.startswith("https:") or (proxy or "").startswith("https:"):
            contexts = ssl_contexts(self._policy, verify=verify)
        if proxy is None:
            from pipfast.net.connection_pool import ConnectionPool

            def opened(origin: httpcore.Origin) -> httpcore.HTTPConnection:
                context = None if contexts is None else contexts()
                return httpcore.HTTPConnection(
                    origin, ssl_context=context, keepalive_expiry=_KEEPALIVE
                )

            return ConnectionPool(opened, _MAX_CONNECTIONS)
        return self._proxies.pool(proxy, contexts and contexts(), _MAX_CONNECTIONS)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return the scheme, the host and the port of a URL that was requested."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        parts.hostname or "",
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def _connection_error(error: Exception, url: str, proxy: str | None) -> NetworkError:
    """Return the error for a connection that broke or could not be made."""
    import socket
    import ssl

    host, text = host_of(url), str(error)
    cause = error.__cause__ or error.__context__
    while isinstance(cause, Exception) and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLError) or "SSL" in text:
        return SSLVerificationError(url, host, text)
    if type(error).__name__ == "ConnectError":
        if proxy is not None:
            return proxy_unreachable(url, proxy, text, resolving=isinstance(cause, socket.gaierror))
        return connection_refused(url, host, text, resolving=isinstance(cause, socket.gaierror))
    reset = isinstance(cause, ConnectionResetError)
    return connection_broken(url, host, text, is_reset=reset)
