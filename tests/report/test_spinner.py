from __future__ import annotations

import pytest

from pipfast.model.events import Status, Work
from pipfast.report.spinner import SpinnerLines

STEP = "Building wheel for demo (pyproject.toml)"
TEXT = f"  {STEP}"


@pytest.mark.parametrize(
    ("status", "line", "on_a_terminal"),
    [
        (Status.STARTED, f"{TEXT}: started", None),
        (Status.RUNNING, None, None),
        (Status.DONE, f"{TEXT}: finished with status 'done'", f"{TEXT} ... done"),
        (Status.ERROR, f"{TEXT}: finished with status 'error'", f"{TEXT} ... error"),
        (Status.CANCELED, f"{TEXT}: finished with status 'canceled'", f"{TEXT} ... canceled"),
    ],
)
def test_a_step_is_told_as_pip_tells_it(
    status: Status, line: str | None, on_a_terminal: str | None
) -> None:
    assert SpinnerLines(terminal=False).line(Work(STEP, status, depth=1)) == line
    assert SpinnerLines(terminal=True).line(Work(STEP, status, depth=1)) == on_a_terminal


def test_a_program_that_talks_is_said_to_be_running_once_a_minute() -> None:
    times = iter([0.0, 59.0, 61.0, 100.0, 122.0])
    steps = SpinnerLines(terminal=False, clock=lambda: next(times))
    steps.line(Work(STEP, Status.STARTED, depth=1))
    shown = [steps.line(Work(STEP, Status.RUNNING, "compiling", depth=1)) for _ in range(4)]
    assert shown == [None, f"{TEXT}: still running...", None, f"{TEXT}: still running..."]
