"""Wait for a storage no longer than it is worth: requests run in threads that may be abandoned.

Name lookups, mounted folders and libraries of others have no time limits that could be relied on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from pipfast.remote_store.engine import EngineFailed
from pipfast.remote_store.objects import Canceled, Refused

T = TypeVar("T")

_LOOK = 0.05  # seconds between two looks at the progress


class TooSlow(Exception):
    """The storage does not answer in time."""


def waited_for(work: Callable[[], T], may_go_on: Callable[[], bool]) -> T:
    """Return what `work` returns, as long as `may_go_on`.

    Raises TooSlow, EngineFailed, Refused and Canceled; any other error of `work` becomes
    EngineFailed, because a storage never ends a run.
    """
    done = threading.Event()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="remote store", daemon=True).start()
    while not done.wait(_LOOK):
        if not may_go_on():
            raise TooSlow
    if not failure:
        return outcome[0]
    if isinstance(failure[0], EngineFailed | Refused | Canceled):
        raise failure[0]
    raise EngineFailed(f"{type(failure[0]).__name__}: {failure[0]}") from failure[0]


class Progress:
    """When something moved last, in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self.began = self.moved = time.monotonic()

    def note(self) -> None:
        """Note that something moved now."""
        self.moved = time.monotonic()

    @property
    def idle(self) -> float:
        """Return the seconds since something moved."""
        return time.monotonic() - self.moved

    @property
    def elapsed(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self.began
