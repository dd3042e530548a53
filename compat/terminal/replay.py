"""Replay a recording in a terminal emulator: what a person sees, when it changes, what wraps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pyte

from compat.terminal.cast import ROWS, Cast

_PIPS = re.compile(
    r"\s*(Looking in|Collecting|Using cached|Created wheel for|Stored in directory:"
    r"|Requirement already|Building wheels for|Successfully (built|installed)"
    r"|Installing collected packages:) "
    r"|\s*(Getting requirements|Installing b|Preparing metadata|Building wheel ).*\.\.\."
    r"|\s*Downloading .*\([\d.]+ (bytes|[kM]B)\)$"
)
"""The lines of pip that name files and projects, which are as long as the names are."""


@dataclass(frozen=True, slots=True)
class Replay:
    """`changes` are the seconds at which the screen changed; `wrapped` are lines that wrapped."""

    changes: tuple[float, ...]
    wrapped: tuple[str, ...]
    end: float

    def first_sign(self) -> float:
        """Return the seconds until something was seen."""
        return self.changes[0] if self.changes else self.end

    def longest_standstill(self) -> float:
        """Return the longest time in seconds in which nothing changed, after the first sign."""
        return max(after - before for before, after in pairwise((*self.changes, self.end)))


class _Screen(pyte.Screen):
    """A screen that notes each line that takes more than one row."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.wrapped: list[str] = []
        self._rows: list[str] = []
        self._drawing = False

    def draw(self, data: str) -> None:
        self._drawing = True
        super().draw(data)
        self._drawing = False

    def linefeed(self) -> None:
        row = self.buffer[self.cursor.y]
        self._rows.append("".join(row[column].data for column in range(self.columns)))
        if not self._drawing:  # the emulator wraps while it draws
            if len(self._rows) > 1:
                self.wrapped.append("".join(self._rows).rstrip())
            self._rows = []
        super().linefeed()


def replay(cast: Cast) -> Replay:
    """Return what a terminal as wide as the recorded one shows."""
    screen = _Screen(cast.width, ROWS)
    stream = pyte.Stream(screen)
    changes = []
    shown = screen.display
    for at, text in cast.events:
        stream.feed(text)
        now = screen.display
        if now != shown:
            changes.append(at)
            shown = now
    return Replay(tuple(changes), tuple(screen.wrapped), cast.seconds)


def own_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that pipfast prints or draws where pip prints none."""
    return tuple(line for line in lines if not _PIPS.match(line))
