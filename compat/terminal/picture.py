"""Draw a recording as a picture that moves: an SVG without scripts, for pages of any host.

The frames stand below each other, and an animation moves the strip behind a window. Who prefers
reduced motion, and every viewer without animations, gets the last frame.
"""

from __future__ import annotations

import re
from html import escape

from compat.terminal.cast import Cast

LINES = 16
"""The lines of the window: the last ones of the terminal."""

_SHORTEST = 0.12
"""Seconds that a frame lasts at least; frames in between are left out."""

_AT_THE_END = 4.0
_SIZE, _WIDE, _HIGH, _EDGE = 13, 7.83, 18, 12
_TOKEN = re.compile(
    r"\x1b\[[0-9;?]*(?P<control>[A-Za-z])|(?P<return>\r)|(?P<feed>\n)|(?P<text>[^\r\n\x1b]+)"
)
_STYLE = """\
text{{font:{size}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}}
text{{fill:#d8dee9;white-space:pre}}
.strip{{animation:play {seconds:.2f}s steps(1,end) infinite;transform:translateY(-{last}px)}}
@media (prefers-reduced-motion:reduce){{.strip{{animation:none}}}}
@keyframes play{{{frames}}}
"""


class Screen:
    """The lines of a terminal, for the few sequences that pipfast writes."""

    def __init__(self, width: int) -> None:
        self.lines = [""]
        self._width = width
        self._column = 0

    def feed(self, text: str) -> None:
        """Write to the screen; colours are ignored."""
        for token in _TOKEN.finditer(text):
            line = self.lines[-1]
            if token["control"] == "K":
                self.lines[-1] = line[: self._column]
            elif token["return"]:
                self._column = 0
            elif token["feed"]:
                self.lines.append("")
                self._column = 0
            elif word := token["text"]:
                end = self._column + len(word)
                self.lines[-1] = line[: self._column].ljust(self._column) + word + line[end:]
                self._column = end

    def window(self) -> tuple[str, ...]:
        """Return the last lines, each as long as the terminal is wide at most."""
        lines = self.lines[:-1] if self.lines[-1] == "" else self.lines
        wrapped = [
            line[at : at + self._width].rstrip()
            for line in lines[-LINES:]
            for at in range(0, max(len(line), 1), self._width)
        ]
        return tuple(wrapped[-LINES:])


def frames(cast: Cast) -> list[tuple[float, tuple[str, ...]]]:
    """Return what the window shows and from which second on, without too short frames."""
    screen = Screen(cast.width)
    screen.feed(f"$ {cast.command}\n")
    found = [(0.0, screen.window())]
    for at, text in cast.events:
        screen.feed(text)
        shown = screen.window()
        if shown != found[-1][1]:
            if at - found[-1][0] < _SHORTEST and len(found) > 1:
                found[-1] = (found[-1][0], shown)
            else:
                found.append((at, shown))
    return found


def picture(cast: Cast, title: str) -> str:
    """Return the recording as an SVG; `title` is what it says to those who do not see it."""
    strip = frames(cast)
    width, height = round(cast.width * _WIDE) + 2 * _EDGE, LINES * _HIGH + 2 * _EDGE
    seconds = cast.seconds + _AT_THE_END
    moves = "".join(
        f"{100 * at / seconds:.3f}%{{transform:translateY(-{number * height}px)}}"
        for number, (at, _) in enumerate(strip)
    )
    last = (len(strip) - 1) * height
    moves += f"100%{{transform:translateY(-{last}px)}}"
    style = _STYLE.format(size=_SIZE, seconds=seconds, last=last, frames=moves)
    kinds = {line: f"l{number}" for number, line in enumerate(_distinct(strip))}
    defined = "".join(
        f'<text id="{name}" xml:space="preserve">{escape(line)}</text>'
        for line, name in kinds.items()
    )
    placed = "".join(
        f'<use href="#{kinds[line]}" x="{_EDGE}" '
        f'y="{number * height + _EDGE + (row + 1) * _HIGH - 5}"/>'
        for number, (_, lines) in enumerate(strip)
        for row, line in enumerate(lines)
        if line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'role="img" aria-label="{escape(title)}"><style>{style}</style><defs>{defined}</defs>'
        f'<rect width="{width}" height="{height}" rx="6" fill="#2e3440"/>'
        f'<g class="strip">{placed}</g></svg>\n'
    )


def _distinct(strip: list[tuple[float, tuple[str, ...]]]) -> list[str]:
    return list(dict.fromkeys(line for _, lines in strip for line in lines if line))
