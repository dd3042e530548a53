"""pip's descriptions of files: their sizes and addresses, and that a server refuses them."""

from __future__ import annotations

from pipfast.errors import InstallationError
from pipfast.model.link import Link, redact
from pipfast.net.errors import HTTPStatusError


def human_size(size: float) -> str:
    """Return `size` in bytes like pip: ``739 bytes``, ``4.2 kB``, ``42 kB``, ``1.3 MB``."""
    if size > 1000 * 1000:
        return f"{size / 1000.0 / 1000:.1f} MB"
    if size > 10 * 1000:
        return f"{int(size / 1000)} kB"
    if size > 1000:
        return f"{size / 1000.0:.1f} kB"
    return f"{int(size)} bytes"


def progress_of(done: int, total: int | None) -> str:
    """Return the progress of a download of `total` bytes: ``1.3 MB/42.0 MB``."""
    return f"{human_size(done)}/{human_size(total or 0)}"


def whole(link: Link) -> str:
    """Return `link` as pip prints it: address, page, Requires-Python."""
    python = f" (requires-python:{link.requires_python})" if link.requires_python else ""
    return f"{link.redacted} (from {redact(link.page)}){python}" if link.page else link.redacted


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
