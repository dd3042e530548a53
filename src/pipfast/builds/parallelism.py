"""How many builds this machine takes at once."""

from __future__ import annotations

import os

from pipfast.store.workers.pool import cpu_count

_EACH = 1536 * 1024 * 1024
"""The memory that a build is given room for, in bytes: a compiler at work on one large file."""


def builds_at_once() -> int:
    """One for each processor, and no more than the free memory has room for; at least one."""
    free = _free_memory()
    return cpu_count() if free is None else max(1, min(cpu_count(), free // _EACH))


def _free_memory() -> int | None:
    """The memory that can be had without swapping, in bytes; None where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows, and macOS, which counts otherwise
        return None
