"""pip's errors for files that a server does not send."""

from __future__ import annotations

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.sizes import whole
from pipfast.model.link import Link
from pipfast.net.errors import HTTPStatusError


def unobtainable(link: Link, requirement: str, fault: HTTPStatusError) -> InstallationError:
    """Return the error for a file of `requirement` that pip requests while it resolves."""
    address = whole(link)
    return InstallationError(
        f"  HTTP error {fault.status} while getting {address}\n"
        f"ERROR: Could not install requirement {requirement} because of HTTP error "
        f"{fault.message} for URL {address}"
    )


def refused(link: Link, fault: HTTPStatusError) -> InstallationError:
    """Return the error for a file that pip requests after it has resolved."""
    where = f"HTTP error {fault.status} while getting {whole(link)}"
    return InstallationError(f"{where}\nERROR: {fault.message}")
