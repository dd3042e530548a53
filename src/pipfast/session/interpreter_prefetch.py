"""Query the target Python while the modules of a command are imported."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress

from pipfast.config.settings import Settings
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import interpreter
from pipfast.errors import PipfastError
from pipfast.policy.storage import cache_policy
from pipfast.store.filesystem.entries import entries


def prefetch_interpreter(settings: Settings, environ: Mapping[str, str]) -> threading.Thread | None:
    """Start a thread that queries the target Python and stores the result.

    None without a store, and where the system allows no thread. Errors are ignored: the command
    queries again and reports them.
    """
    folder = cache_policy(settings).directory
    if folder is None:
        return None
    store = entries(folder)

    def query() -> None:
        with suppress(PipfastError, OSError):
            interpreter(find(settings.python, environ), store)

    thread = threading.Thread(target=query, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread
