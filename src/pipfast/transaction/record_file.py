"""Write RECORD, the list of a distribution's installed files (PEP 376, PEP 427, PEP 627)."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from pipfast.store.wheels.manifest import Row, row


def hashed_row(path: str, content: bytes) -> Row:
    """Return the row of a generated file."""
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    return row(path, f"sha256={digest}", str(len(content)))


def record_text(rows: Iterable[Row]) -> bytes:
    """Return the content of RECORD, with the rows sorted as pip sorts them."""
    return "".join(f"{quoted_path(path)}{rest}" for path, rest in sorted(rows)).encode("utf-8")


def quoted_path(path: str) -> str:
    """Return a path as the first field of a row, quoted if necessary."""
    if "," in path or '"' in path or "\n" in path or "\r" in path:
        return '"' + path.replace('"', '""') + '"'
    return path


def path_in_record(path: str, library: str) -> str:
    """Return an absolute path as RECORD contains it.

    It is relative to `library`, with slashes; it stays absolute if it is on another drive.
    """
    if os.path.splitdrive(path)[0].lower() == os.path.splitdrive(library)[0].lower():
        path = os.path.relpath(path, library)
    return path.replace(os.sep, "/")
