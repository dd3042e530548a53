"""The moving picture of a recording shows what the terminal showed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from compat.terminal.cast import Cast
from compat.terminal.picture import LINES, Screen, frames, picture

CAST = Cast(
    width=40,
    command="pipfast install <a>",
    events=((0.5, "Collecting a\r\n"), (1.0, "\r\x1b[K* Resolving"), (1.01, "\r\x1b[K+ Resolving"),
            (2.0, "\r\x1b[K\x1b[31mSuccessfully installed a-1\x1b[0m\r\n")),
    code=0,
    seconds=2.5,
)  # fmt: skip


def test_a_line_that_is_drawn_again_replaces_the_former() -> None:
    screen = Screen(40)
    screen.feed("first\r\nlonger line\r\x1b[Knew\r\n")
    assert screen.window() == ("first", "new")


def test_a_long_line_wraps_as_on_the_terminal() -> None:
    screen = Screen(10)
    screen.feed("0123456789abc\r\n")
    assert screen.window() == ("0123456789", "abc")


def test_the_window_has_the_last_lines() -> None:
    screen = Screen(40)
    screen.feed("\r\n".join(map(str, range(40))))
    assert screen.window() == tuple(map(str, range(40 - LINES, 40)))


def test_frames_that_are_too_short_are_left_out() -> None:
    assert [at for at, _ in frames(CAST)] == [0.0, 0.5, 1.0, 2.0]
    assert frames(CAST)[2][1][-1] == "+ Resolving"


def test_the_picture_is_well_formed_and_has_no_script() -> None:
    text = picture(CAST, "A & B")
    drawn = ET.fromstring(text)
    assert drawn.get("aria-label") == "A & B"
    assert "script" not in text
    assert "\x1b" not in text
    assert "$ pipfast install &lt;a&gt;" in text
