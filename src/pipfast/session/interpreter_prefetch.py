"""The target Python is asked what it is while the modules of a command are imported."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import find, interpreter
from pipfast.errors import PipfastError
from pipfast.policy.storage import cache_policy
from pipfast.store.filesystem.entries import entries


def headstart(asked: Settings, environ: Mapping[str, str]) -> threading.Thread | None:
    """A thread at whose end the store knows the target Python, None where it could not be kept.

    Whatever is wrong with that Python is left to be found again by the command itself.
    """
    folder = cache_policy(asked).directory
    if folder is None:
        return None
    store = entries(folder)

    def ask() -> None:
        with suppress(PipfastError, OSError):
            interpreter(find(asked.python, environ), store)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    return thread
