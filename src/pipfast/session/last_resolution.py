"""The command line of the last run that resolved something, for `pipfast why --last`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass
from pipfast.report.redaction import HIDDEN, redacted_words
from pipfast.store.filesystem.entries import entries

_AREA, _KEY = "last", "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResolution:
    """A command line: its `words`, the working directory, the target's Python and when it was run.

    `python` is None for the Python that is found by the usual rules; `moment` is in seconds since
    1970.
    """

    words: tuple[str, ...]
    folder: str
    python: str | None
    moment: float

    @property
    def lacks_credentials(self) -> bool:
        """Whether it had credentials, which are not stored."""
        return any(HIDDEN in word for word in self.words)


def note(settings: Settings, words: Sequence[str]) -> None:
    """Store the command line of a run without its credentials; ignore a full disk.

    Dry runs that write a report for a program are not noted.
    """
    if settings.flag("dry_run") and settings.text("json_report_file") is not None:
        return
    with suppress(OSError):
        known = {
            "words": redacted_words(words),
            "folder": os.getcwd(),  # noqa: PTH109 - start-up
            "python": settings.python,
            "time": time.time(),
        }
        entries(settings.text("cache_dir")).write(_AREA, _KEY, json.dumps(known).encode())


def last_resolution(settings: Settings) -> LastResolution | None:
    """Return what `note` stored, None if there is nothing."""
    kept = entries(settings.text("cache_dir")).read(_AREA, _KEY)
    if kept is None:
        return None
    try:
        known = json.loads(kept)
        python = known["python"]
        return LastResolution(
            words=tuple(map(str, known["words"])),
            folder=str(known["folder"]),
            python=None if python is None else str(python),
            moment=float(known["time"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
