"""What may go wrong between this machine and a server, as errors of our own."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipfast.errors import PipfastError
from pipfast.model.link import redact


class NetworkFault(PipfastError):
    """No usable answer came for `url`.

    `kind`, `headline`, `why`, `note` and `hint` are the parts of pip's diagnostic for the same
    fault; `cause` is what urllib3 would name in its line about a retry.
    """

    kind = "connection-failed"
    note = ""
    cause = ""
    is_explained = True
    """Whether pip explains it at length, not in one line."""

    def __init__(self, url: str, headline: str, why: str, *, hint: str = "") -> None:
        super().__init__(f"{headline}: {why}", hint=hint)
        self.url = redact(url)
        self.headline = headline
        self.why = why


class ConnectionFailed(NetworkFault):
    """No connection to the host could be made, or it broke before the answer."""

    def __init__(self, url: str, host: str, why: str, *, cause: str = "") -> None:
        super().__init__(
            url,
            f"Failed to connect to {host} while fetching {redact(url)}",
            why,
            hint=(
                "Are you connected to the Internet? If so, check whether your system can connect "
                f"to {host} before trying again. There may be a firewall or proxy that's "
                "preventing the connection."
            ),
        )
        self.cause = cause or why


def unreachable(url: str, host: str, error: str, *, resolving: bool) -> ConnectionFailed:
    """The fault of a connection that could not even be begun; `error` is the system's."""
    where = _connection(url, host)
    if resolving:
        cause = f"NameResolutionError(\"{where}: Failed to resolve '{host}' ({error})\")"
        why = f"Failed to resolve IP address for '{host}' ({error})"
        return ConnectionFailed(url, host, why, cause=cause)
    cause = f'NewConnectionError("{where}: Failed to establish a new connection: {error}")'
    return ConnectionFailed(url, host, error, cause=cause)


def broken_off(url: str, host: str, error: str, *, is_reset: bool) -> ConnectionFailed:
    """The fault of a connection that ended without an answer, or in the midst of it."""
    inner = (
        "ConnectionResetError(104, 'Connection reset by peer')"
        if is_reset
        else "RemoteDisconnected('Remote end closed connection without response')"
    )
    silent = is_reset or "without sending" in error
    why = "the connection was closed without a reply from the server." if silent else error
    return ConnectionFailed(url, host, why, cause=f"ProtocolError('Connection aborted.', {inner})")


def _connection(url: str, host: str, kind: str = "Connection") -> str:
    scheme = "HTTPS" if url.lower().startswith("https:") else "HTTP"
    port = urlsplit(url).port or (443 if scheme == "HTTPS" else 80)
    return f"{scheme}{kind}(host='{host}', port={port})"


class TimedOut(NetworkFault):
    """The host did not answer in time."""

    kind = "connection-timeout"

    def __init__(self, url: str, host: str, timeout: float, *, connecting: bool) -> None:
        context = " (while establishing a connection)" if connecting else ""
        super().__init__(
            url,
            f"Unable to fetch {redact(url)}",
            f"{host} didn't respond within {timeout} seconds{context}",
            hint=(
                "This is probably a temporary issue with the remote server or the network "
                "connection. If this error persists, check the network configuration. There may "
                "be a firewall or proxy that's preventing the connection."
            ),
        )
        if connecting:
            where = _connection(url, host)
            said = f"Connection to {host} timed out. (connect timeout={timeout})"
            self.cause = f'ConnectTimeoutError("{where}: {said}")'
        else:
            where = _connection(url, host, "ConnectionPool")
            said = f"Read timed out. (read timeout={timeout})"
            self.cause = f'ReadTimeoutError("{where}: {said}")'


class Untrusted(NetworkFault):
    """The host's certificate could not be verified, or TLS failed otherwise."""

    kind = "ssl-verification-failed"

    def __init__(self, url: str, host: str, why: str) -> None:
        super().__init__(
            url,
            f"Failed to establish a secure connection to {host} while fetching {redact(url)}",
            why,
            hint="You may need to use --cert or check your proxy/firewall configuration",
        )


class ProxyFailed(NetworkFault):
    """The proxy refused, or could not be reached."""

    kind = "proxy-connection-failed"

    def __init__(self, url: str, proxy: str, why: str) -> None:
        super().__init__(
            url,
            f"Failed to connect to proxy {redact(proxy)} while fetching {redact(url)}",
            why,
            hint="This is likely a proxy configuration issue.",
        )


class StatusFault(NetworkFault):
    """The server answered, with an error status.

    The message is requests' sentence, which pip prints.
    """

    kind = "http-status"
    is_explained = False

    def __init__(self, url: str, status: int, reason: str) -> None:
        whose = "Client" if status < 500 else "Server"
        sentence = f"{status} {whose} Error: {reason} for url: {redact(url)}"
        super().__init__(url, sentence, sentence)
        self.message = sentence
        self.args = (sentence,)
        self.status = status


class RangesUnsupported(NetworkFault):
    """The server answers a range request with the whole file or not at all."""

    def __init__(self, url: str) -> None:
        super().__init__(
            url, f"No part of {redact(url)} can be read", "range request is not supported"
        )


class IncompleteDownload(NetworkFault):
    """Fewer bytes came than were announced, and every attempt to resume ended so too.

    `total` is how many were.
    """

    kind = "incomplete-download"
    note = "This is an issue with network connectivity, not pip."

    def __init__(self, url: str, status: str, attempts: int, total: int | None) -> None:
        after = f"after {attempts + 1} attempts " if attempts else ""
        super().__init__(
            url,
            f"Download failed {after}because not enough bytes were received ({status})",
            f"URL: {redact(url)}",
            hint=(
                "Use --resume-retries to configure resume attempt limit."
                if attempts
                else "Consider using --resume-retries to enable download resumption."
            ),
        )
        self.total = total


def retry_line(left: int, fault: NetworkFault, url: str) -> str:
    """What is said before another try, `left` after which may follow: pip's line, urllib3's own."""
    parts = urlsplit(redact(url))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return (
        f"Retrying (Retry(total={left}, connect=None, read=None, redirect=None, status=None)) "
        f"after connection broken by '{fault.cause or fault.why}': {path}"
    )
