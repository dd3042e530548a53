"""Limits on input that is read into memory. docs/security.md lists all limits.

Each is several times what the largest projects on PyPI have.
"""

from __future__ import annotations

from enum import Enum

from pipfast.errors import OwnInstallationError

METADATA_SIZE = 16 << 20
"""Bytes of METADATA or PKG-INFO."""

METADATA_LINES = 100_000
"""Line endings in the fields of METADATA or PKG-INFO, above the description."""

PROJECT_FILE_SIZE = 4 << 20
"""Bytes of a pyproject.toml."""

TOML_SIZE = 16 << 20
"""Bytes of a lock file or script."""

TOML_VALUES = 1_000_000
"""Characters ``=``, ``,``, ``[`` and ``{`` in TOML; each value needs one."""

REQUIREMENTS_SIZE = 16 << 20
"""Bytes of a requirements or constraints file."""

REQUIREMENTS_LINES = 200_000
"""Line endings of a requirements or constraints file."""

PAGE_SIZE = 64 << 20
"""Bytes of an index page in a file; net/response_limits has the limit on responses."""

PAGE_FILES = 250_000
"""Files of an index page."""

PAGE_VALUES = 2_000_000
"""Characters ``,``, ``[`` and ``{`` in a JSON page; each value needs one."""

TAG_SIZE = 128 << 10
"""Characters of a tag in an HTML page; the parser takes several hundred times as many bytes."""

SCRIPT_SIZE = 2 << 20
"""Characters of a comment, script or declaration in an HTML page."""


class Unit(Enum):
    """The unit of a limit, as errors print it."""

    MEBIBYTES = "MiB"
    LINES = "lines"
    VALUES = "values"
    FILES = "files"
    TAG = "KiB in one tag or script"
    HEADERS = "MiB of headers in front of a file"
    NAMES = "MiB of names"
    PARTS = "parts of sparse files"
    DIRECTORY = "MiB of directory"
    DICTIONARY = "MiB of dictionary for decompressing it"


class LimitExceeded(OwnInstallationError):
    """`source`, a path or URL, exceeds `limit`, in `unit`."""

    def __init__(self, source: str, limit: int, unit: Unit = Unit.MEBIBYTES) -> None:
        super().__init__()
        self.source = source
        self.limit = limit
        self.unit = unit


def check_size(size: int, limit: int, source: str) -> None:
    """Raise LimitExceeded for more than `limit` bytes."""
    if size > limit:
        raise LimitExceeded(source, limit >> 20)


def is_excessive(document: bytes) -> bool:
    """Return whether a METADATA document is too large or has too many fields."""
    if len(document) <= METADATA_LINES:
        return False
    ends = [end for end in (document.find(b"\n\n"), document.find(b"\n\r\n")) if end >= 0]
    end = min(ends, default=len(document))
    lines = document.count(b"\n", 0, end) + document.count(b"\r", 0, end)
    return len(document) > METADATA_SIZE or lines > METADATA_LINES
