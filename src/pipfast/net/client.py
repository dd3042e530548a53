"""The one way to the network: pooled HTTP/1.1 with redirects, retries, credentials and proxies.

The engine is httpcore, httpx's own: for 150 requests it takes a quarter less processor time than
`httpx.Client`, and a third of its time to import. It is loaded when the first byte is needed.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipfast.model.events import Level, Listener, Said, indented, silent
from pipfast.model.frozen_dataclass import dataclass
from pipfast.net.auth import Authority, basic, without_secrets
from pipfast.net.errors import (
    ConnectionFailed,
    NetworkFault,
    ProxyFailed,
    RangesUnsupported,
    StatusFault,
    TimedOut,
    Untrusted,
    broken_off,
    retry_line,
    unreachable,
)
from pipfast.net.proxies import Proxies
from pipfast.net.secure_origins import host_of, is_secure, trusts
from pipfast.policy.network import NetworkPolicy

if TYPE_CHECKING:
    import httpcore

Headers = dict[str, str]

RETRIED = frozenset({500, 502, 503, 520, 527})
"""Statuses that are asked for again (pip behaviour)."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 30
_CONNECTIONS = 32
_LONGEST_PAUSE = 120.0
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, at last from `url`; `headers` have lower-case keys, `reason` is as sent."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    reason: str = ""

    def checked(self) -> Answer:
        """The answer itself, if its status is no error.

        Raises StatusFault.
        """
        if self.status >= 400:
            raise StatusFault(self.url, self.status, self.reason)
        return self


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body is still to come; `chunks` yields it as the server sent it.

    `chunks` raises ConnectionFailed or TimedOut when the connection breaks.
    """

    url: str
    status: int
    reason: str
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Client:
    """A session with the network as `policy` allows it; safe for use by several threads."""

    def __init__(self, policy: NetworkPolicy, emit: Listener = silent) -> None:
        self.policy = policy
        self._emit = emit
        self._authority = Authority(policy, emit)
        self._proxies = Proxies(policy.proxy, from_environment=policy.proxies_from_environment)
        self._pools: dict[tuple[str | None, bool], httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()
        self._agent = ""

    def __enter__(self) -> Client:  # noqa: PYI034 - Self came with Python 3.11
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def indented(self) -> Client:
        """The same session, whose warnings are those of a step that stands under another one."""
        other = copy(self)
        other._emit = indented(self._emit)  # noqa: SLF001 - it is one of us
        return other

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The whole answer to GET, decompressed, whatever its status.

        Raises NetworkFault.
        """
        asked = {"accept-encoding": "gzip, deflate", **(headers or {})}
        with self._exchange("GET", url, asked) as stream:
            body = b"".join(stream.chunks)
        coding = stream.headers.get("content-encoding", "").lower()
        body = _decoded(url, coding, body)
        return Answer(stream.url, stream.status, stream.headers, body, stream.reason)

    def text(self, url: str) -> str:
        """The text behind GET, in the encoding that the server names.

        Raises NetworkFault, also for a status of failure.
        """
        answer = self.get(url).checked()
        kind = answer.headers.get("content-type", "")
        charset = kind.partition("charset=")[2].partition(";")[0].strip(" \"'")
        try:
            return answer.body.decode(charset or "utf-8", "replace")
        except LookupError:
            return answer.body.decode("utf-8", "replace")

    def head(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to HEAD.

        Raises NetworkFault.
        """
        with self._exchange("HEAD", url, dict(headers or {})) as stream:
            return Answer(stream.url, stream.status, stream.headers, reason=stream.reason)

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """The answer to GET with its body in pieces, never decompressed: files have hashes.

        Raises NetworkFault; StatusFault for a status that is an error.
        """
        asked = {"accept-encoding": "identity", **(headers or {})}
        with self._exchange("GET", url, asked) as stream:
            if stream.status >= 400:
                raise StatusFault(stream.url, stream.status, stream.reason)
            yield stream

    def read_range(
        self,
        url: str,
        start: int,
        end: int | None = None,
        take_whole: Callable[[Stream], object] | None = None,
    ) -> tuple[bytes, int]:
        """The bytes from `start` up to `end` (exclusive), and the size of the whole file.

        A negative `start` counts from the end, as many bytes as there are. Raises NetworkFault,
        of which RangesUnsupported when the server sends the whole file (RFC 9110 section 14); its
        answer is given to `take_whole` before.
        """
        last = "" if end is None else str(end - 1)
        wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{last}"
        with self.stream(url, {"range": wanted}) as stream:
            whole = stream.headers.get("content-range", "").rpartition("/")[2]
            if stream.status == 200 and take_whole is not None:
                take_whole(stream)
            if stream.status != 206 or not whole.isdigit():
                raise RangesUnsupported(url)
            return b"".join(stream.chunks), int(whole)

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    @contextmanager
    def _exchange(self, method: str, url: str, headers: Headers) -> Iterator[Stream]:
        """One question with its redirects and its second try with credentials."""
        challenged = False
        credentials = self._authority.known(url)
        for _ in range(_MOST_REDIRECTS):
            sent = self._prepared(url, headers, credentials)
            stream, response = self._attempts(method, without_secrets(url), sent)
            try:
                target = _redirect(stream)
                if target is not None:
                    response.read()
                    url, credentials = target, self._after_redirect(url, target, credentials)
                    continue
                if stream.status == 401 and not challenged:
                    challenged = True
                    credentials = self._authority.asked_for(url)
                    if credentials is not None:
                        response.read()
                        continue
                if stream.status == 401 and credentials is not None:
                    self._say(f"401 Error, Credentials not correct for {without_secrets(url)}")
                yield stream
            finally:
                response.close()
            self._authority.worked(url, stream.status)
            return
        raise ConnectionFailed(url, host_of(url), f"Exceeded {_MOST_REDIRECTS} redirects.")

    def _after_redirect(
        self, url: str, target: str, credentials: tuple[str, str] | None
    ) -> tuple[str, str] | None:
        """Credentials stay on their host; another host gets only its own (pip behaviour)."""
        own = self._authority.known(target)
        same = urlsplit(url).netloc.rpartition("@")[2] == urlsplit(target).netloc.rpartition("@")[2]
        return own or (credentials if same else None)

    def _prepared(
        self, url: str, headers: Headers, credentials: tuple[str, str] | None
    ) -> list[tuple[bytes, bytes]]:
        self._load()
        host = urlsplit(url).netloc.rpartition("@")[2]
        sent = {"host": host, "user-agent": self._agent, "accept": "*/*", **headers}
        if credentials is not None:
            sent["authorization"] = basic(*credentials)
        return [(key.encode(), value.encode("latin-1")) for key, value in sent.items()]

    def _load(self) -> None:
        """Load the engine, by one thread: another might find a module that is half there."""
        if self._agent:
            return
        with self._lock:
            import httpcore  # noqa: F401 - its users import it again, which costs nothing then

            from pipfast.net.user_agent import user_agent

            self._agent = user_agent()

    def _attempts(
        self, method: str, url: str, headers: list[tuple[bytes, bytes]]
    ) -> tuple[Stream, httpcore.Response]:
        """The first answer that is not worth another try; as often as the policy says."""
        left = self.policy.retries
        pause = 0.0
        while True:
            fault: NetworkFault | None = None
            try:
                stream, response = self._once(method, url, headers)
            except NetworkFault as error:
                if left <= 0 or isinstance(error, Untrusted):
                    raise
                fault = error
            else:
                if stream.status not in RETRIED or left <= 0:
                    return stream, response
                pause = _retry_after(stream.headers, pause)
                response.close()
            left -= 1
            if fault is not None:
                self._say(retry_line(left, fault, url))
            if pause:
                time.sleep(pause)
            pause = min(max(0.5, pause * 2), _LONGEST_PAUSE)

    def _once(
        self, method: str, url: str, headers: list[tuple[bytes, bytes]]
    ) -> tuple[Stream, httpcore.Response]:
        import httpcore

        proxy = self._proxies.for_url(url)
        limit = self.policy.timeout
        timeouts = {"connect": limit, "read": limit, "write": limit, "pool": None}
        request = httpcore.Request(method, url, headers=headers, extensions={"timeout": timeouts})
        with self._faults(url, proxy):
            response = self._pool(url, proxy).handle_request(request)
        heads = {k.decode("ascii").lower(): v.decode("latin-1") for k, v in response.headers}
        reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        chunks = self._chunks(url, proxy, response)
        return Stream(url, response.status, reason, heads, chunks), response

    def _chunks(self, url: str, proxy: str | None, response: httpcore.Response) -> Iterator[bytes]:
        with self._faults(url, proxy):
            yield from response.iter_stream()

    @contextmanager
    def _faults(self, url: str, proxy: str | None) -> Iterator[None]:
        """Errors of the engine never pass this door."""
        import ssl

        import httpcore

        host = host_of(url)
        try:
            yield
        except httpcore.ConnectTimeout:
            raise TimedOut(url, host, self.policy.timeout, connecting=True) from None
        except httpcore.TimeoutException:
            raise TimedOut(url, host, self.policy.timeout, connecting=False) from None
        except httpcore.ProxyError as error:
            raise ProxyFailed(url, proxy or "", str(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _fault_of(error, url, proxy) from None
        except httpcore.UnsupportedProtocol as error:
            raise ConnectionFailed(url, host, str(error)) from None
        except ssl.SSLError as error:
            raise Untrusted(url, host, str(error)) from None
        except OSError as error:
            raise ConnectionFailed(url, host, str(error)) from None

    def _pool(self, url: str, proxy: str | None) -> httpcore.ConnectionPool:
        verified = not trusts(url, self.policy.trusted_hosts)
        key = (proxy, verified)
        pool = self._pools.get(key)
        if pool is None:
            with self._lock:
                pool = self._pools.get(key)
                if pool is None:
                    pool = self._pools[key] = self._new_pool(url, proxy, verified=verified)
        return pool

    def _new_pool(self, url: str, proxy: str | None, *, verified: bool) -> httpcore.ConnectionPool:
        import httpcore

        from pipfast.net.tls import context

        tls = None
        if url.startswith("https:") or (proxy or "").startswith("https:"):
            tls = context(self.policy, verified=verified)
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=tls,
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_CONNECTIONS,
                keepalive_expiry=60,
            )
        return self._proxies.pool(proxy, tls, _CONNECTIONS)

    def _say(self, text: str) -> None:
        self._emit(Said(Level.WARNING, text))


def _fault_of(error: Exception, url: str, proxy: str | None) -> NetworkFault:
    """The fault that a broken connection is, or one that never was."""
    import socket
    import ssl

    host, text = host_of(url), str(error)
    cause = error.__cause__ or error.__context__
    while isinstance(cause, Exception) and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLError) or "SSL" in text:
        return Untrusted(url, host, text)
    if type(error).__name__ == "ConnectError":
        if proxy is not None:
            return ProxyFailed(url, proxy, f"('Unable to connect to proxy', {text})")
        return unreachable(url, host, text, resolving=isinstance(cause, socket.gaierror))
    reset = isinstance(cause, ConnectionResetError)
    return broken_off(url, host, text, is_reset=reset)


def may_be_kept(url: str, policy: NetworkPolicy) -> bool:
    """Whether an answer from `url` may go into the cache: not if anyone on the way could write it.

    Source: pip keeps answers from secure and trusted origins only.
    """
    return is_secure(url, policy.trusted_hosts)


def _decoded(url: str, coding: str, body: bytes) -> bytes:
    try:
        if coding in ("gzip", "x-gzip"):
            return zlib.decompress(body, 31) if body else body
        if coding == "deflate":
            return zlib.decompress(body) if body[:1] == b"\x78" else zlib.decompress(body, -15)
    except zlib.error as error:
        raise ConnectionFailed(url, host_of(url), f"the answer is broken: {error}") from None
    return body


def _redirect(stream: Stream) -> str | None:
    """Where an answer sends us, None if nowhere we may go: only http and https are followed."""
    location = stream.headers.get("location")
    if stream.status not in _REDIRECTS or location is None:
        return None
    target = urljoin(stream.url, location)
    return target if target.partition(":")[0].lower() in ("http", "https") else None


def _retry_after(headers: Mapping[str, str], pause: float) -> float:
    value = headers.get("retry-after", "")
    return min(float(value), _LONGEST_PAUSE) if value.isdigit() else pause
