"""The HTTP client: redirects, retries, credentials and decompression on top of the transport."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipfast.concurrency.thread_pool import Postponed
from pipfast.errors import Interrupted
from pipfast.model.events import Listener, indented, silent
from pipfast.model.frozen_dataclass import replace
from pipfast.net.auth import (
    Account,
    Authenticator,
    basic_auth,
    may_follow,
    origin,
    without_credentials,
)
from pipfast.net.errors import (
    ConnectionFailedError,
    HTTPStatusError,
    NetworkError,
    RangesUnsupportedError,
    SSLVerificationError,
    TooManyErrorResponses,
    UnusableUrlError,
)
from pipfast.net.events import (
    CredentialsRejected,
    RequestRepeated,
    RequestRetried,
    RetryCounted,
)
from pipfast.net.keyring import Credentials
from pipfast.net.request_url import request_url
from pipfast.net.response import Response, ResponseStream, whole_number
from pipfast.net.response_body import TooLargeError, decompressed, limited, read_ignored
from pipfast.net.response_limits import BODY_SIZE
from pipfast.net.secure_origins import host_of
from pipfast.net.transport import Body, Transport
from pipfast.policy.detail import Detail
from pipfast.policy.network import NetworkPolicy

if TYPE_CHECKING:
    import httpcore

Headers = dict[str, str]

RETRIED_STATUSES = frozenset({500, 502, 503, 520, 527})
"""Statuses after which a request is sent again (pip behaviour)."""

RETRIED_WHEN_TOLD = frozenset({413, 429})
"""Further statuses after which it is, if the server says when (urllib3 behaviour)."""

_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 30
_MAX_PAUSE = 120.0  # seconds


class Client:
    """Sends requests as `policy` allows. Safe for use by several threads."""

    def __init__(self, policy: NetworkPolicy, emit: Listener = silent) -> None:
        self.policy = policy
        self._emit = emit
        self._emit_refused: Callable[[CredentialsRejected], None] = emit
        self._authenticator = Authenticator(policy, emit)
        self._transport = Transport(policy)
        self._challenges: dict[tuple[str, str], tuple[ResponseStream, Credentials | None]] = {}
        self._explains = policy.detail is Detail.EVERYTHING

    def __enter__(self) -> Client:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def account(self, url: str) -> Account:
        """Return whose credentials are sent to `url`, and where they come from."""
        return self._authenticator.account(url)

    def has_account(self, url: str) -> bool:
        """Return whether credentials are sent to `url`; nobody is asked for any."""
        return self._authenticator.has_account(url)

    def indented(self) -> Client:
        """Return a client on the same connections whose warnings are one level deeper."""
        return self.reporting_to(indented(self._emit))

    def noting(self, refused: Callable[[CredentialsRejected], None]) -> Client:
        """Return a client on the same connections that passes rejected credentials to `refused`."""
        other = copy(self)
        other._emit_refused = refused  # noqa: SLF001 - an instance of this class
        return other

    def reporting_to(self, emit: Listener) -> Client:
        """Return a client on the same connections that reports to `emit`."""
        other = copy(self)
        other._emit = other._emit_refused = emit  # noqa: SLF001 - an instance of this class
        return other

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Return the decompressed response to GET, whatever its status. Raises NetworkError."""
        sent = {"accept-encoding": "gzip, deflate", **(headers or {})}
        with self._request("GET", url, sent) as stream:
            body = limited(stream, BODY_SIZE)
        codings = stream.headers.get("content-encoding", "").lower()
        body = decompressed(url, codings, body)
        return Response(stream.url, stream.status, stream.headers, body, stream.reason)

    def text(self, url: str) -> str:
        """Return the body of the response to GET, decoded as the server declares.

        Raises NetworkError, also for an error status.
        """
        response = self.get(url).raise_for_status()
        content_type = response.headers.get("content-type", "")
        charset = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'")
        try:
            return response.body.decode(charset or "utf-8", "replace")
        except LookupError:
            return response.body.decode("utf-8", "replace")

    def head(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Return the response to HEAD, whatever its status. Raises NetworkError."""
        with self._request("HEAD", url, dict(headers or {})) as stream:
            return Response(stream.url, stream.status, stream.headers, reason=stream.reason)

    def put(self, url: str, size: int, chunks: Body) -> Response:
        """Return the response to PUT with a body of `size` bytes, whatever its status.

        `chunks` begins the body again for each time it is sent. Raises NetworkError.
        """
        sent = {"content-length": str(size), "content-type": "application/octet-stream"}
        with self._request("PUT", url, sent, chunks) as stream:
            return Response(stream.url, stream.status, stream.headers, reason=stream.reason)

    @contextmanager
    def stream(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[ResponseStream]:
        """Open the response to GET; its body is not decompressed, since hashes are of files.

        Raises NetworkError; HTTPStatusError for an error status.
        """
        sent = {"accept-encoding": "identity", **(headers or {})}
        with self._request("GET", url, sent) as stream:
            if stream.status >= 400:
                raise HTTPStatusError(stream.url, stream.status, stream.reason)
            yield stream

    def read_range(
        self,
        url: str,
        start: int,
        end: int | None = None,
        on_whole_file: Callable[[ResponseStream], object] | None = None,
    ) -> tuple[bytes, int]:
        """Return the bytes from `start` up to `end` (exclusive), and the size of the whole file.

        A negative `start` counts from the end; a shorter file is returned completely. If the server
        sends the whole file instead (RFC 9110 section 14), `on_whole_file` is called with the
        response and RangesUnsupportedError is raised. Raises NetworkError.
        """
        last = "" if end is None else str(end - 1)
        wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{last}"
        with self.stream(url, {"range": wanted}) as stream:
            size = whole_number(stream.headers.get("content-range", "").rpartition("/")[2])
            if stream.status == 200 and on_whole_file is not None:
                on_whole_file(stream)
            if stream.status != 206 or size is None:
                raise RangesUnsupportedError(url)
            most = -start if start < 0 else BODY_SIZE if end is None else end - start
            try:
                return limited(stream, most), size
            except TooLargeError:
                raise RangesUnsupportedError(url) from None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    @contextmanager
    def _request(
        self, method: str, url: str, headers: Headers, body: Body | None = None
    ) -> Iterator[ResponseStream]:
        """Send a request; follow redirects, and answer one 401 challenge with credentials.

        A challenge whose answer has to wait for the user's turn is kept, and the same request
        continues from it later: the server is asked as often as by pip.
        """
        asked = method, url
        url = request_url(url)
        kept = self._challenges.get(asked)
        challenged = False
        if kept is None:
            self._explain_credentials(url)
            credentials = self._authenticator.credentials(url)
        else:
            refused, sent_before = kept
            url = refused.url
            credentials = self._authenticator.credentials(url)
            del self._challenges[asked]
            if credentials in (None, sent_before):  # else the user has given them meanwhile
                challenged = True
                credentials = self._answer(asked, refused, sent_before)
                if credentials is None:
                    yield refused
                    return
        for _ in range(_MAX_REDIRECTS):
            sent = self._encoded(url, headers, credentials)
            stream, response = self._send(method, without_credentials(url), sent, body)
            try:
                target = _redirect_target(stream)
                if target is not None:
                    read_ignored(stream)
                    target = request_url(target)
                    self._explain_credentials(target)
                    url, credentials = target, self._after_redirect(url, target, credentials)
                    continue
                if stream.status == 401 and not challenged:
                    challenged = True
                    credentials = self._answer(asked, replace(stream, url=url), credentials)
                    if credentials is not None:
                        read_ignored(stream)
                        continue
                if stream.status == 401 and credentials is not None:
                    self._emit_refused(CredentialsRejected(without_credentials(url)))
                yield stream
            finally:
                response.close()
            self._authenticator.note_answer(url, stream.status, self._emit)
            return
        raise ConnectionFailedError(url, host_of(url), f"Exceeded {_MAX_REDIRECTS} redirects.")

    def _answer(
        self, asked: tuple[str, str], refused: ResponseStream, sent: Credentials | None
    ) -> Credentials | None:
        """Return credentials after a 401 to a request with the credentials `sent`.

        Raises Postponed; the challenge is then kept.
        """
        bare = without_credentials(refused.url)
        self._explain_credentials(bare, refused=True)
        try:
            # those in the URL itself were refused; pip does not send them again either
            return self._authenticator.after_challenge(bare, self._emit)
        except Postponed:
            self._challenges[asked] = replace(refused, chunks=iter(())), sent
            raise

    def _after_redirect(
        self, url: str, target: str, credentials: Credentials | None
    ) -> Credentials | None:
        """Return the credentials for `target`.

        Those of `url` are only sent to the same scheme, host and port; another origin gets its own.
        """
        before, after = origin(url), origin(target)
        follows = may_follow(before, after)
        is_downgrade = (before[0], after[0]) == ("https", "http") and before[1] == after[1]
        # requests looks there only if it uses the environment, and keeps what may follow
        netrc = follows or (self.policy.proxies_from_environment and not is_downgrade)
        own = self._authenticator.credentials(target, netrc=netrc)
        return own or (credentials if follows else None)

    def _encoded(
        self, url: str, headers: Headers, credentials: Credentials | None
    ) -> list[tuple[bytes, bytes]]:
        host = urlsplit(url).netloc.rpartition("@")[2]
        agent = self._transport.user_agent
        sent = {"host": host, "user-agent": agent, "accept": "*/*", **headers}
        if credentials is not None:
            sent["authorization"] = basic_auth(*credentials)
        return [(key.encode(), value.encode("latin-1")) for key, value in sent.items()]

    def _send(
        self,
        method: str,
        url: str,
        headers: list[tuple[bytes, bytes]],
        body: Body | None = None,
    ) -> tuple[ResponseStream, httpcore.Response]:
        """Return the first response that needs no retry, or the last one that the policy allows."""
        retries_left = self.policy.retries
        pause = 0.0
        while True:
            broken: NetworkError | None = None
            try:
                stream, response = self._exchanged(method, url, headers, body)
            except NetworkError as error:
                if self._transport.is_closed:
                    raise Interrupted from None  # the end of the run is no fault of the server
                if retries_left <= 0 or isinstance(error, SSLVerificationError):
                    raise
                broken = error
            else:
                if not _is_retried(stream, retries_left):
                    return stream, response
                if retries_left <= 0:
                    response.close()
                    raise self._too_many_errors(stream)
                pause = _retry_after(stream.headers, pause)
                with suppress(NetworkError):
                    read_ignored(stream)
                response.close()
            retries_left -= 1
            self._report_retry(url, retries_left, broken)
            if pause:
                time.sleep(pause)
            if broken is None and self._explains:
                self._emit(RequestRepeated(self._transport.target_of(url)))
            pause = min(max(0.5, pause * 2), _MAX_PAUSE)

    def _too_many_errors(self, stream: ResponseStream) -> TooManyErrorResponses:
        url = stream.url
        scheme, host, port = self._transport.pool_of(url)
        pool = f"{scheme.upper()}ConnectionPool(host='{host}', port={port})"
        return TooManyErrorResponses(
            url,
            pool,
            self._transport.target_of(url),
            status=stream.status,
            reason_phrase=stream.reason,
        )

    def _report_retry(self, url: str, retries_left: int, broken: NetworkError | None) -> None:
        """Report that a request is sent again; a warning if it was `broken` off."""
        if self._explains:
            self._emit(RetryCounted(self._transport.target_of(url), retries_left))
        if broken is not None:
            cause = broken.cause or broken.why
            whole = self._transport.names_whole_url(url)
            self._emit(RequestRetried(url, retries_left, cause, whole=whole))

    def _exchanged(
        self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: Body | None
    ) -> tuple[ResponseStream, httpcore.Response]:
        """Send one request. Raises what the transport raises."""
        if not self._explains:
            return self._transport.send(method, url, headers, None, body)
        stream, response = self._transport.send(method, url, headers, self._emit, body)
        self._emit(self._transport.received(method, url, stream))
        return stream, response

    def _explain_credentials(self, url: str, *, refused: bool = False) -> None:
        """Report where credentials come from, again if those of the first request were refused."""
        if self._explains:
            for message in self._authenticator.sources(url, netrc=not refused):
                self._emit(message)


def _redirect_target(stream: ResponseStream) -> str | None:
    """Return the address that a response redirects to; only http and https are followed."""
    location = stream.headers.get("location")
    if stream.status not in _REDIRECT_STATUSES or location is None:
        return None
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        target = urljoin(stream.url, location)
    except ValueError as error:
        raise UnusableUrlError(location, f"Failed to parse: {location}, {error}") from None
    return target if target.partition(":")[0].lower() in ("http", "https") else None


def _retry_after(headers: Mapping[str, str], pause: float) -> float:
    """Return the seconds that the server asks to wait, `pause` if it does not say."""
    if "retry-after" not in headers:
        return pause
    from email.utils import parsedate_to_datetime

    text = headers.get("retry-after", "").strip()
    seconds = whole_number(text)
    if seconds is None:
        try:
            seconds = max(0, int(parsedate_to_datetime(text).timestamp() - time.time()))
        except (TypeError, ValueError, OverflowError, IndexError):
            return pause
    return min(float(seconds), _MAX_PAUSE) or pause


def _is_retried(stream: ResponseStream, retries_left: int) -> bool:
    """Return whether a response is a reason to send the request again."""
    if stream.status in RETRIED_STATUSES:
        return True
    is_told = stream.status in RETRIED_WHEN_TOLD and "retry-after" in stream.headers
    return is_told and retries_left > 0
