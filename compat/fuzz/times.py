"""The processor time that each target has had so far, kept beside the corpora."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from compat.fuzz.engines import ENGINES, Outcome

TIMES = Path(__file__).with_name("times.json")

Times = dict[str, dict[str, list[int]]]
"""By target and engine: seconds and executions."""


def times() -> Times:
    """Return the times of all runs so far."""
    found: Times = json.loads(TIMES.read_text("ascii")) if TIMES.exists() else {}
    return found


def add(name: str, engine: str, outcome: Outcome) -> None:
    """Add a run."""
    every = times()
    had = every.setdefault(name, {}).setdefault(engine, [0, 0])
    had[0] += round(outcome.seconds)
    had[1] += outcome.executions
    lines = (f"  {json.dumps(key)}: {json.dumps(every[key])}" for key in sorted(every))
    TIMES.write_text("{\n" + ",\n".join(lines) + "\n}\n", "ascii")


def shortest_first(
    names: Sequence[str], engines: Sequence[str], total: float
) -> Iterator[tuple[str, str]]:
    """Yield the target and engine with the least time, until all targets have had `total`."""
    while True:
        every = times()

        def had(name: str, engine: str, every: Times = every) -> int:
            return every.get(name, {}).get(engine, [0, 0])[0]

        left = [
            (had(name, engine), at, engine)
            for at, name in enumerate(names)
            for engine in engines
            if sum(had(name, each) for each in ENGINES) < total
        ]
        if not left:
            return
        _, at, engine = min(left, key=lambda row: row[:2])
        yield names[at], engine
