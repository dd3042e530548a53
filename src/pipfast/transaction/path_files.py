"""Edit ``.pth`` files, which add entries to ``sys.path``."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO


def without_lines(content: bytes, lines: Iterable[str]) -> bytes:
    """Return `content` without the first occurrence of each of `lines`; its last line is ended.

    Lines end with CR LF if any line of the file does, else with LF (pip behaviour).
    """
    end = b"\r\n" if b"\r\n" in content else b"\n"
    remaining = BytesIO(content).readlines()
    if remaining and not remaining[-1].endswith(end):
        remaining[-1] += end
    for line in lines:
        with suppress(ValueError):
            remaining.remove(line.encode() + end)
    return b"".join(remaining)
