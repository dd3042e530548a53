"""The level of optimisation of bytecode. Workers import this module in Python 3.7."""

from __future__ import annotations


def optimization(level: str | None) -> int:
    """Return the level that the value of PYTHONOPTIMIZE requests, as Python reads it."""
    if not level:
        return 0
    return int(level) if level.isdigit() else 1
