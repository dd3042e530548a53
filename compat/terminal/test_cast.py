"""A recorded cold install has no second without a sign of life, and no line of its own wraps."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat.kit.index import Index
from compat.terminal.cast import Cast
from compat.terminal.replay import own_lines, replay
from compat.terminal.stage import Stage, slow_projects, stage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


@pytest.fixture(scope="module")
def projects() -> Index:
    return slow_projects(modules=80)


@pytest.fixture
def place(tmp_path: Path, projects: Index) -> Iterator[Stage]:
    with stage(tmp_path, projects) as made:
        yield made


def _start_up() -> float:
    """Return how long the interpreter and the program take to start under the present load."""
    begin = time.monotonic()
    subprocess.run([sys.executable, "-m", "pipfast", "--version"], check=True, capture_output=True)
    return time.monotonic() - begin


@pytest.fixture(scope="module")
def pips_lines(tmp_path_factory: pytest.TempPathFactory, projects: Index) -> set[str]:
    """Return the lines that pip prints in the same situation."""
    with stage(tmp_path_factory.mktemp("pip"), projects) as place:
        done = subprocess.run(
            place.command("install", "large", tool="pip"),
            env=place.environ({}),
            capture_output=True,
            text=True,
            check=True,
        )
    return {_plain(line) for line in done.stdout.splitlines()}


def _plain(line: str) -> str:
    """Return a line without the folders, ports and sums of one run."""
    line = re.sub(r"/\S+/cache/wheels/[\w/]+", "CACHE", line)
    return re.sub(r"(127\.0\.0\.1:|size=|sha256=)\w+", r"\1", line)


def _phases(cast: Cast) -> list[str]:
    """Return the first words of the drawings, each once, in order."""
    words = (" ".join(each.split()[1:3]).rstrip(":") for each in cast.drawings())
    return list(dict.fromkeys(words))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_there_is_no_second_without_a_sign_and_no_line_wraps(
    width: int, place: Stage, pips_lines: set[str]
) -> None:
    allowed = 1.0 + 2 * _start_up()
    cast = place.recorded(width)
    assert cast.code == 0, cast.text()
    seen = replay(cast)
    assert seen.first_sign() < allowed
    assert seen.longest_standstill() < 1.0 + cast.late
    assert max(map(len, cast.drawings())) < width
    assert [line for line in seen.wrapped if _plain(line) not in pips_lines] == []
    assert own_lines(seen.wrapped) == ()
    phases = _phases(cast)
    # Which of the two steps after the downloads is drawn depends on their times.
    unpacking = ("Unpacking", "Compiling")
    for wanted in ("Resolving", "Downloading", unpacking, "Building"):
        assert any(each.startswith(wanted) for each in phases), "; ".join(phases)
    text = cast.text()
    assert "Successfully installed large-2.4.1 slow-build-1.0" in text
    closing = re.findall("[a-z]{2,}", text[text.index("\nresolve ") :])
    assert closing == ["resolve", "download", "build", "unpack", "install"]


def test_the_replay_finds_what_stands_still_and_what_wraps() -> None:
    erase = "\r\x1b[K"
    events = (
        (0.1, "⠙ one"),
        (0.9, "\x1b[0m"),
        (1.4, f"{erase}⠹ one"),
        (1.5, f"{erase}{'x' * 9}\r\n"),
    )
    seen = replay(Cast(8, "", (*events, (1.6, "12345678\r\nend\r\n")), 0, 2.0))
    assert seen.changes == (0.1, 1.4, 1.5, 1.6)
    assert seen.longest_standstill() == pytest.approx(1.3)
    assert seen.wrapped == ("x" * 9,)
    assert own_lines(("Collecting one", "⠹ Downloading 1 of 2")) == ("⠹ Downloading 1 of 2",)


def test_a_dumb_terminal_has_no_control_characters(place: Stage) -> None:
    cast = place.recorded(80, TERM="dumb", NO_COLOR="1")
    written = "".join(text for _, text in cast.events)
    assert cast.code == 0
    assert "\x1b" not in written
    assert "\r" not in written.replace("\r\n", "")
    assert "\nresolve " in cast.text()


def test_without_color_the_line_is_redrawn_and_nothing_is_colored(place: Stage) -> None:
    cast = place.recorded(80, NO_COLOR="1")
    assert cast.drawings()
    assert "\x1b[3" not in "".join(text for _, text in cast.events)


@pytest.mark.parametrize("parity", ["0", "1"])
def test_without_a_terminal_a_short_run_prints_what_pip_prints(parity: str, place: Stage) -> None:
    done = subprocess.run(
        place.command("install", "large"),
        env=place.environ({"PIPFAST_PIP_COMPAT": parity}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert not done.stdout.rpartition("\n")[2].startswith("resolve ")


def test_with_v_a_guarded_run_says_where_the_time_went(place: Stage) -> None:
    command = place.command("install", "-v", "small-1")
    for parity, ends in (("0", True), ("1", False)):
        done = subprocess.run(
            [*command, "--force-reinstall"],
            env=place.environ({"PIPFAST_PIP_COMPAT": parity}),
            capture_output=True,
            text=True,
            check=True,
        )
        last = done.stderr.rstrip().rpartition("\n")[2]
        assert last.startswith("resolve ") is ends


def test_a_cast_is_a_file_for_asciinema(place: Stage, tmp_path: Path) -> None:
    cast = place.recorded(80, "install", "small-1")
    cast.write(tmp_path / "a.cast")
    first, *rest = (tmp_path / "a.cast").read_text(encoding="utf-8").splitlines()
    assert first.startswith('{"version": 2, "width": 80, "height": 24')
    assert len(rest) == len(cast.events)
