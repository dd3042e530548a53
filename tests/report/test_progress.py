"""Progress is a line that is erased before anything else is printed, or a line now and then."""

from __future__ import annotations

import io
import os
import sys
import threading
import time

import pytest

from pipfast.model.events import Phase, Question, Stage, Status, Work
from pipfast.report import progress as module
from pipfast.report.console import Console
from pipfast.report.progress import Progress

STAGE = Stage(Phase.RESOLVE, 2, 0, "demo")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def wait_for(stream: io.StringIO, text: str) -> None:
    """Wait until `text` was written; fail after five seconds."""
    until = time.monotonic() + 5
    while text not in stream.getvalue():
        assert time.monotonic() < until, stream.getvalue()
        time.sleep(0.01)


def test_a_line_is_drawn_again_and_erased_before_a_message() -> None:
    stream = Terminal()
    shown = Progress(stream, redraws=True)
    shown.take(STAGE)
    wait_for(stream, "Resolving: 2 projects seen · now demo")
    shown.above(lambda: print("message", file=stream))
    assert "\r\x1b[Kmessage\n" in stream.getvalue()
    shown.stop()
    before = stream.getvalue()
    shown.take(STAGE)
    time.sleep(0.3)
    assert stream.getvalue() == before


def test_nothing_is_drawn_while_the_user_is_asked() -> None:
    stream = Terminal()
    shown = Progress(stream, redraws=True)
    shown.take(STAGE)
    wait_for(stream, "Resolving")
    shown.pause()
    before = stream.getvalue()
    assert before.endswith("\r\x1b[K")
    time.sleep(0.4)
    assert stream.getvalue() == before
    shown.resume()
    wait_for(stream, before + "\r\x1b[K")
    shown.stop()


def test_without_redrawing_a_line_is_printed_after_ten_silent_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, now = Terminal(), [0.0]
    ticks = threading.Semaphore(0)
    shown = Progress(stream, redraws=False, clock=lambda: now[0])
    ended = shown._ended
    monkeypatch.setattr(ended, "wait", lambda _: ticks.acquire() and ended.is_set())
    shown.take(Work("Building wheel for torch", Status.RUNNING, "gcc -c a.c"))
    for second in range(1, 26):
        now[0] = float(second)
        if second == 15:
            shown.above(lambda: print("message", file=stream))
        ticks.release()
        time.sleep(0.02)
    shown.stop()
    ticks.release()
    assert stream.getvalue() == (
        "Building wheel for torch, 10 s: gcc -c a.c\nmessage\n"
        "Building wheel for torch, 25 s: gcc -c a.c\n"
    )


@pytest.mark.parametrize(
    ("environ", "is_terminal", "is_parity", "shows", "redraws"),
    [
        ({}, True, True, True, True),
        ({"NO_COLOR": "1"}, True, False, True, True),
        ({"TERM": "dumb"}, True, True, True, False),
        ({"CI": "true"}, True, True, True, False),
        ({}, False, False, True, False),
        ({}, False, True, False, False),
    ],
)
def test_where_progress_is_shown(
    environ: dict[str, str], is_terminal: bool, is_parity: bool, shows: bool, redraws: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made = []

    class Recorded(Progress):
        def __init__(self, stream: io.StringIO, *, redraws: bool) -> None:
            made.append((stream, redraws))
            super().__init__(stream, redraws=redraws)

    out, err = (Terminal() if is_terminal else io.StringIO() for _ in range(2))
    monkeypatch.setattr(module, "Progress", Recorded)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    for name in ("CI", "TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    console = Console(is_parity=is_parity)
    console(STAGE)
    console(Question(begins=True))
    console(Question(begins=False))
    console.finish()
    assert made == ([(out if is_terminal else err, redraws)] if shows else [])


@pytest.mark.parametrize("words", [{"verbosity": -1}, {"progress_bar": "off"}])
def test_a_quiet_run_has_no_progress(
    words: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    console = Console(is_parity=False, **words)  # type: ignore[arg-type]
    before = threading.active_count()
    console(STAGE)
    assert threading.active_count() == before


def test_a_closed_terminal_ends_the_drawing_and_not_the_run() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:  # noqa: PTH123
        shown = Progress(stream, redraws=True)
        shown.take(STAGE)
        time.sleep(0.4)
        shown.stop()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
