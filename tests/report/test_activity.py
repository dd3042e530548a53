"""One line says what a run is doing, in no more columns than there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipfast.model.events import Phase, Stage, Status, Transfer, Work
from pipfast.report.activity import (
    FANCY,
    PLAIN,
    Activity,
    closing_text,
    columns,
    fitted,
    release_of,
    signs_for,
)

WHEEL = "numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
BUILD = "Building wheel for torch (pyproject.toml)"
METADATA = "Preparing metadata (pyproject.toml)"


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Stage(Phase.RESOLVE, 0, 0), "Resolving"),
        (Stage(Phase.RESOLVE, 1, 0, "numpy"), "Resolving: 1 project seen, now numpy"),
        (Stage(Phase.RESOLVE, 14, 0, "numpy"), "Resolving: 14 projects seen, now numpy"),
        (Stage(Phase.DOWNLOAD, 0, 5), "Downloading 1 of 5"),
        (Stage(Phase.UNPACK, 2, 5, WHEEL), "Unpacking and compiling 3 of 5: numpy 2.1.0"),
        (Stage(Phase.UNPACK, 5, 5), "Compiling and checking the modules of 5 wheels"),
        (Stage(Phase.UNPACK, 1, 1), "Compiling and checking the modules of 1 wheel"),
        (Stage(Phase.UNPACK, 5, 5, WHEEL), "Unpacking and compiling 5 of 5: numpy 2.1.0"),
        (Stage(Phase.INSTALL, 0, 5, "numpy-2.1.0.dist-info"), "Installing 1 of 5: numpy 2.1.0"),
        (Work(BUILD, Status.STARTED), BUILD),
        (Work(BUILD, Status.STARTED, project="torch"), BUILD),
        (
            Work(METADATA, Status.STARTED, project="torch"),
            "Preparing metadata for torch (pyproject.toml)",
        ),
        (
            Work("Installing build dependencies", Status.RUNNING, project="torch"),
            "Installing build dependencies for torch",
        ),
        (Work(BUILD, Status.RUNNING, "gcc -c a.c\n"), f"{BUILD}: gcc -c a.c"),
        (Work(BUILD, Status.RUNNING, "\x1b[31mred\x1b[0m\r\x07"), f"{BUILD}: red"),
    ],
)
def test_each_phase_has_a_line(event: Stage | Work, line: str, clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(event)
    assert activity.line(100, PLAIN) == line
    clock.now = 75.0
    assert ", 1 min 15 s" in activity.line(100, PLAIN)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "Downloading 1 of 2: numpy 2.1.0  6.0/12.0 MB  3.0 MB/s  ##########.........."),
        (60, "Downloading 1 of 2: numpy 2.1.0  6.0/12.0 MB  3.0 MB/s"),
        (40, "Downloading 1 of 2: numpy 2.1.0  6.0/..."),
    ],
)
def test_a_download_shows_what_fits(width: int, line: str, clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(Stage(Phase.DOWNLOAD, 0, 2))
    activity.take(Transfer(WHEEL, 0, 12_000_000))
    clock.now = 2.0
    activity.take(Transfer(WHEEL, 6_000_000, 12_000_000))
    assert activity.line(width, PLAIN) == line


def test_a_complete_download_is_no_longer_shown(clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(Stage(Phase.DOWNLOAD, 0, 2))
    activity.take(Transfer(WHEEL, 5, 5))
    assert activity.line(80, PLAIN) == "Downloading 1 of 2"


def test_several_builds_are_one_line_with_the_oldest_first(clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(Work("one", Status.STARTED))
    activity.take(Work("two", Status.STARTED))
    assert activity.line(80, PLAIN) == "one (and 1 more)"
    activity.take(Work("one", Status.DONE))
    assert activity.line(80, PLAIN) == "two"


def test_the_same_step_of_two_projects_is_two_steps(clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(Work(METADATA, Status.STARTED, project="one"))
    activity.take(Work(METADATA, Status.STARTED, project="two"))
    activity.take(Work(METADATA, Status.DONE, project="one"))
    assert activity.line(80, PLAIN) == "Preparing metadata for two (pyproject.toml)"


def test_a_phase_inside_a_build_is_the_builds(clock: Clock) -> None:
    activity = Activity(clock)
    activity.take(Stage(Phase.RESOLVE, 3, 0, "demo"))
    activity.take(Work("Installing build dependencies", Status.STARTED))
    activity.take(Stage(Phase.INSTALL, 0, 1, "setuptools-1.dist-info"))
    assert activity.line(80, PLAIN) == "Installing build dependencies"
    activity.take(Work("Installing build dependencies", Status.DONE))
    assert activity.line(80, PLAIN) == "Resolving: 3 projects seen, now demo"


def test_the_time_of_each_phase_is_counted_once(clock: Clock) -> None:
    activity = Activity(clock)
    for now, event in (
        (0.4, Stage(Phase.DOWNLOAD, 0, 1)),
        (1.5, Stage(Phase.UNPACK, 0, 1)),
        (2.1, Work(BUILD, Status.STARTED)),
        (2.1, Work(BUILD, Status.DONE)),
        (2.1, Stage(Phase.INSTALL, 0, 1)),
    ):
        clock.now = now
        activity.take(event)
    clock.now = 2.4
    times = activity.times()
    assert sum(times.values()) == pytest.approx(2.4)
    assert closing_text(times, 80, FANCY) == (
        "resolve 0.4 s · download 1.1 s · build 0 · unpack 0.6 s · install 0.3 s"
    )


def test_a_narrow_terminal_gets_the_times_on_several_lines() -> None:
    times = dict.fromkeys(Phase, 123.4)
    text = closing_text(times, 60, FANCY)
    assert text == (
        "resolve 123.4 s · download 123.4 s · build 123.4 s\nunpack 123.4 s · install 123.4 s"
    )
    assert closing_text(times, 4, PLAIN).splitlines() == [f"{each.value} 123.4 s" for each in Phase]


@given(st.text(), st.integers(1, 130))
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    for signs in (FANCY, PLAIN):
        assert columns(fitted(text, width, signs)) <= width
        activity = Activity(Clock())
        activity.take(Work("Building", Status.RUNNING, text))
        line = activity.line(width, signs)
        assert columns(line) <= width
        assert "\n" not in line and "\r" not in line and "\x1b" not in line  # noqa: PT018


@pytest.mark.parametrize(
    ("filename", "release"),
    [
        (WHEEL, "numpy 2.1.0"),
        ("python-dateutil-2.9.0.tar.gz", "python-dateutil 2.9.0"),
        ("demo-1.0.zip", "demo 1.0"),
        ("demo-1.0.dist-info", "demo 1.0"),
        ("archive", "archive"),
    ],
)
def test_a_file_is_shown_as_name_and_version(filename: str, release: str) -> None:
    assert release_of(filename) == release


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", FANCY), ("ascii", PLAIN), (None, PLAIN)])
def test_signs_are_those_that_the_encoding_has(encoding: str | None, signs: object) -> None:
    assert signs_for(encoding) is signs
