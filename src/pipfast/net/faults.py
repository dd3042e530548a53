"""What may go wrong between this machine and a server, as errors of our own."""

from __future__ import annotations

from pipfast.errors import PipfastError
from pipfast.model.link import redact


class NetworkFault(PipfastError):
    """No usable answer came for `url`; `why` is the short reason, without the URL.

    The message is the one pip shows for the same fault (its diagnostics' first sentence and
    their context).
    """

    kind = "connection-failed"

    def __init__(self, url: str, message: str, why: str, *, hint: str = "") -> None:
        super().__init__(f"{message}: {why}", hint=hint)
        self.url = redact(url)
        self.why = why


class ConnectionFailed(NetworkFault):
    """No connection to the host could be made, or it broke before the answer."""

    def __init__(self, url: str, host: str, why: str) -> None:
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
    """Fewer bytes came than were announced, and every attempt to resume ended so too."""

    kind = "incomplete-download"

    def __init__(self, url: str, status: str, attempts: int) -> None:
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
