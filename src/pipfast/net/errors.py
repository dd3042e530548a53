"""Errors of network requests; their texts are those of pip, requests and urllib3."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipfast.errors import InstallationError, PipfastError
from pipfast.model.link import redact
from pipfast.model.remedies import Advice


class NetworkError(PipfastError):
    """The request for `url` got no usable response.

    `kind`, `headline`, `why`, `note` and `advice` are the parts of pip's diagnostic. `cause` is the
    exception as urllib3 shows it in its line about a retry.
    """

    kind = "connection-failed"
    note = ""
    cause = ""
    is_explained = True
    """Whether pip shows a diagnostic instead of one line."""

    def __init__(self, url: str, headline: str, why: str, *, advice: str = "") -> None:
        super().__init__(f"{headline}: {why}", *([Advice(advice)] if advice else []))
        self.advice = advice
        self.url = redact(url)
        self.headline = headline
        self.why = why


class ConnectionFailedError(NetworkError):
    """No connection to the host could be made, or it broke before the response was complete."""

    is_name = False
    """Whether the address of the host was not found."""

    def __init__(self, url: str, host: str, why: str, *, cause: str = "") -> None:
        super().__init__(
            url,
            f"Failed to connect to {host} while fetching {redact(url)}",
            why,
            advice=(
                "Are you connected to the Internet? If so, check whether your system can connect "
                f"to {host} before trying again. There may be a firewall or proxy that's "
                "preventing the connection."
            ),
        )
        self.cause = cause or why


def connection_refused(
    url: str, host: str, error: str, *, resolving: bool
) -> ConnectionFailedError:
    """Return the error for a connection that was not made; `error` is the system's message."""
    where = _connection(url, host)
    if resolving:
        cause = f"NameResolutionError(\"{where}: Failed to resolve '{host}' ({error})\")"
        why = f"Failed to resolve IP address for '{host}' ({error})"
        failed = ConnectionFailedError(url, host, why, cause=cause)
        failed.is_name = True
        return failed
    cause = f'NewConnectionError("{where}: Failed to establish a new connection: {error}")'
    return ConnectionFailedError(url, host, error, cause=cause)


def proxy_unreachable(url: str, proxy: str, error: str, *, resolving: bool) -> ProxyConnectionError:
    """Return the error for a proxy that was not connected to; `error` is the system's message."""
    parts = urlsplit(proxy)
    scheme = "https" if url.lower().startswith("https:") else "http"
    host = parts.hostname or ""
    there = f"{scheme}://{host}:{parts.port or 80}"
    cause = connection_refused(there, host, error, resolving=resolving).cause
    why = f"('Unable to connect to proxy', {error})"
    return ProxyConnectionError(url, proxy, why, cause=cause)


def refused_by_proxy(url: str, proxy: str, error: str) -> ProxyConnectionError:
    """Return the error for a proxy that opened no connection; `error` is its answer."""
    if urlsplit(proxy).scheme.startswith("socks"):
        return ProxyConnectionError(url, proxy, error)
    why = f"('Unable to connect to proxy', OSError('Tunnel connection failed: {error}'))"
    return ProxyConnectionError(url, proxy, why, cause=f"ProxyError{why}")


def connection_broken(url: str, host: str, error: str, *, is_reset: bool) -> ConnectionFailedError:
    """Return the error for a connection that closed without a response or during it."""
    inner = (
        "ConnectionResetError(104, 'Connection reset by peer')"
        if is_reset
        else "RemoteDisconnected('Remote end closed connection without response')"
    )
    silent = is_reset or "without sending" in error
    why = "the connection was closed without a reply from the server." if silent else error
    return ConnectionFailedError(url, host, why, cause=inner)


def _connection(url: str, host: str, kind: str = "Connection") -> str:
    scheme = "HTTPS" if url.lower().startswith("https:") else "HTTP"
    port = urlsplit(url).port or (443 if scheme == "HTTPS" else 80)
    return f"{scheme}{kind}(host='{host}', port={port})"


class ConnectionTimeoutError(NetworkError):
    """The host did not respond within the timeout."""

    kind = "connection-timeout"

    def __init__(self, url: str, host: str, timeout: float, *, connecting: bool) -> None:
        context = " (while establishing a connection)" if connecting else ""
        super().__init__(
            url,
            f"Unable to fetch {redact(url)}",
            f"{host} didn't respond within {timeout} seconds{context}",
            advice=(
                "This is probably a temporary issue with the remote server or the network "
                "connection. If this error persists, check the network configuration. There may "
                "be a firewall or proxy that's preventing the connection."
            ),
        )
        if connecting:
            where = _connection(url, host)
            reason = f"Connection to {host} timed out. (connect timeout={timeout})"
            self.cause = f'ConnectTimeoutError("{where}: {reason}")'
        else:
            where = _connection(url, host, "ConnectionPool")
            reason = f"Read timed out. (read timeout={timeout})"
            self.cause = f'ReadTimeoutError("{where}: {reason}")'


class SSLVerificationError(NetworkError):
    """The certificate of the host could not be verified, or TLS failed in another way."""

    kind = "ssl-verification-failed"

    def __init__(self, url: str, host: str, why: str) -> None:
        super().__init__(
            url,
            f"Failed to establish a secure connection to {host} while fetching {redact(url)}",
            why,
            advice="You may need to use --cert or check your proxy/firewall configuration",
        )


class ProxyConnectionError(NetworkError):
    """The proxy could not be reached or refused the connection."""

    kind = "proxy-connection-failed"

    def __init__(self, url: str, proxy: str, why: str, *, cause: str = "") -> None:
        super().__init__(
            url,
            f"Failed to connect to proxy {redact(proxy)} while fetching {redact(url)}",
            why,
            advice="This is likely a proxy configuration issue.",
        )
        self.proxy = proxy
        self.cause = cause or why


class UnusableUrlError(NetworkError):
    """No request can be sent to `url`; `reason` is the exception of requests as text."""

    kind = "unusable-url"
    is_explained = False

    def __init__(self, url: str, reason: str) -> None:
        message = f"Could not install packages due to an OSError: {reason}\n"  # pip ends it so
        super().__init__(url, message, reason)
        self.message = message
        self.args = (message,)


class TooManyErrorResponses(NetworkError):
    """The server answered with an error status that is worth a retry, and no retry is left.

    `pool` is urllib3's name of the connections, `target` what the request line names. `response`
    describes the last response as it is described where none is sent again.
    """

    kind = "too-many-error-responses"
    is_explained = False

    def __init__(
        self, url: str, pool: str, target: str, *, status: int, reason_phrase: str
    ) -> None:
        cause = f"ResponseError('too many {status} error responses')"
        reason = f"{pool}: Max retries exceeded with url: {target} (Caused by {cause})"
        message = f"Could not install packages due to an OSError: {reason}\n"  # pip ends it so
        super().__init__(url, message, reason)
        self.message = message
        self.args = (message,)
        self.status = status
        self.response = HTTPStatusError(url, status, reason_phrase).why


MALFORMED_PROXY = (
    "Please check proxy URL. It is malformed and could be missing the host.\n"
    'Consider checking your local proxy configuration with "pip config debug".'
)


class UnusableProxyError(InstallationError):
    """The URL of the proxy cannot be used, so no request can be sent at all."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Could not install packages due to an OSError: {reason}\n")


class HTTPStatusError(NetworkError):
    """The server responded with an error status.

    The message is that of requests, which pip prints.
    """

    kind = "http-status"
    is_explained = False

    def __init__(self, url: str, status: int, reason: str) -> None:
        side = "Client" if status < 500 else "Server"
        path = "" if "/" in url.partition("://")[2] else "/"
        message = f"{status} {side} Error: {reason} for url: {redact(url)}{path}"
        super().__init__(url, message, message)
        self.message = message
        self.args = (message,)
        self.status = status
        self.requested = url


class RangesUnsupportedError(NetworkError):
    """The server does not respond to a range request with the range."""

    def __init__(self, url: str) -> None:
        super().__init__(
            url, f"Failed to read a part of {redact(url)}", "range request is not supported"
        )


class IncompleteDownloadError(NetworkError):
    """Fewer bytes came than announced, and no attempt to resume completed the download.

    `total` is the announced number of bytes.
    """

    kind = "incomplete-download"
    note = "This is an issue with network connectivity, not pip."

    def __init__(self, url: str, status: str, attempts: int, total: int | None) -> None:
        after = f"after {attempts + 1} attempts " if attempts else ""
        super().__init__(
            url,
            f"Download failed {after}because not enough bytes were received ({status})",
            f"URL: {redact(url)}",
            advice=(
                "Use --resume-retries to configure resume attempt limit."
                if attempts
                else "Consider using --resume-retries to enable download resumption."
            ),
        )
        self.total = total
