"""The log of calls: which command lines reached pipfast, from which program, for which Python."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone

from pipfast.report.redaction import ACCOUNT


def append(file: str, program: str, words: Sequence[str], python: str | None) -> None:
    """Append one JSON object in one line to `file`; a log that cannot be written is ignored.

    `words` are logged without the accounts in their URLs. One write call keeps the lines of
    programs that run at the same time apart.
    """
    entry = {
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "pid": os.getpid(),
        "program": program,
        "words": [ACCOUNT.sub("****@", word) for word in words],
        "python": python,
    }
    with suppress(OSError):
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{json.dumps(entry)}\n".encode())
        finally:
            os.close(descriptor)
