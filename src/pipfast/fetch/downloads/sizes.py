"""pip's formats for files and their sizes."""

from __future__ import annotations

from pipfast.model.link import Link, redact


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
