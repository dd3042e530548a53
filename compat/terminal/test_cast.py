"""A recorded cold install has no second without a sign of life, and no progress line wraps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat.kit.index import Index
from compat.terminal.cast import Cast
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


def _phases(cast: Cast) -> list[str]:
    """Return the first words of the drawings, each once, in order."""
    words = (" ".join(each.split()[1:3]).rstrip(":") for each in cast.drawings())
    return list(dict.fromkeys(words))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_there_is_no_second_without_a_sign_and_no_line_wraps(width: int, place: Stage) -> None:
    allowed = 1.0 + 2 * _start_up()
    cast = place.recorded(width)
    assert cast.code == 0, cast.text()
    assert cast.events[0][0] < allowed
    assert cast.longest_silence() < 1.0
    assert max(map(len, cast.drawings())) < width
    phases = _phases(cast)
    # Which of the two steps after the downloads is drawn depends on their times.
    unpacking = ("Unpacking", "Compiling")
    for wanted in ("Resolving", "Downloading", unpacking, "Building"):
        assert any(each.startswith(wanted) for each in phases), "; ".join(phases)
    text = cast.text()
    assert "Successfully installed large-2.4.1 slow-build-1.0" in text
    assert text.rstrip().rpartition("\n")[2].startswith("resolve ")


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
