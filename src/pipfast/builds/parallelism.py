"""How many builds this machine can run at the same time."""

from __future__ import annotations

import os

from pipfast.store.workers.pool import cpu_count

_EACH = 1536 * 1024 * 1024
"""Memory reserved for a build in bytes: a compiler working on one large file."""


def builds_at_once() -> int:
    """Return one per processor, limited by free memory, and at least one."""
    free = _free_memory()
    return cpu_count() if free is None else max(1, min(cpu_count(), free // _EACH))


def _free_memory() -> int | None:
    """Return the memory available without swapping in bytes; None if unknown."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows, and macOS, which counts differently
        return None
