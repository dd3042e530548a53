"""Add up the outcomes of a campaign, and print them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from compat.faults.verdict import plain

Outcome = dict[str, Any]
"""The outcome of a trial, as JSON values."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(slots=True)
class Row:
    """The figures of one mode, fault or tier, or of all.

    - `tried` and `missed`: faults that happened, and those whose call was not reached
    - `changes`: those of `tried` whose call changes something
    - `between`: environments that were neither old nor new right after the fault
    - `bad`: trials with a problem
    """

    tried: int = 0
    missed: int = 0
    changes: int = 0
    between: int = 0
    known: int = 0
    bad: int = 0

    def line(self, name: str) -> str:
        """Return the figures."""
        figures = (self.tried, self.changes, self.missed, self.between, self.bad)
        return f"{name:18}" + "".join(f"{figure:9}" for figure in figures)


@dataclass(slots=True)
class Summary:
    """The results of a campaign.

    - `rows`: by mode, fault and tier, and "all"
    - `kinds` and `groups`: problems by kind, and their places by kind and text
    - `answers`: seconds from a signal to the end of the run
    """

    rows: dict[str, Row] = field(default_factory=dict)
    used: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)


def add(total: Summary, outcome: Outcome) -> None:
    """Add an outcome to the summary."""
    total.used += outcome["used"]
    problems = outcome["problems"]
    for name in (outcome["mode"], outcome["fault"], outcome["tier"], "all"):
        row = total.rows.setdefault(name, Row())
        row.missed += not outcome["fired"]
        row.tried += outcome["fired"]
        row.changes += outcome["fired"] and outcome["tier"] == "change"
        row.between += outcome["between"]
        row.known += outcome["known"]
        row.bad += bool(problems)
    if outcome["fired"] and outcome["fault"].startswith(_SIGNALS):
        total.answers.append(outcome["answer"])
    for kind in {kind for kind, _ in problems}:
        total.kinds[kind] += 1
    for kind, text in problems:
        where = f"{outcome['mode']} {outcome['fault']} {outcome['at']} ({outcome['call']})"
        total.groups.setdefault((kind, plain(text)), []).append(where)


def report(total: Summary) -> None:
    """Print the summary."""
    for (kind, text), places in sorted(total.groups.items(), key=lambda row: -len(row[1])):
        print(f"{len(places):5} {kind}: {text}\n        e.g. {'; '.join(places[:3])}")
    heads = ("tried", "changes", "missed", "between", "bad")
    print(f"{'':18}" + "".join(f"{head:>9}" for head in heads))
    for name, row in total.rows.items():
        if name != "all":
            print(row.line(name))
    times = sorted(total.answers)
    if times:
        at = min(len(times) - 1, len(times) * 99 // 100)
        print(f"signals answered in {times[at]:.3f} s (99 %), {times[-1]:.3f} s (all)")
    found = ", ".join(f"{count} times {kind}" for kind, count in total.kinds.items())
    every = total.rows.get("all", Row())
    print(
        f"{every.tried} faults ({every.missed} calls not reached), {every.between} times neither "
        f"the old nor the new environment right after the run; {found or 'no problem'}; "
        f"{every.known} times folders that were known; {total.used:.0f} s of processor time"
    )
