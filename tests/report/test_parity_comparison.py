from __future__ import annotations

from typing import Any

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.report.parity_comparison import (
    Comparison,
    Obstacle,
    Outcome,
    Result,
    Selected,
    differences,
    obstacle_in,
    selected,
)
from pipfast.report.parity_lines import text_of

DEMO = Selected("1.0", "https://h/demo.whl", "sha256:aa")
PIP = Result(code=0, selected={"demo": DEMO})


@pytest.mark.parametrize(
    ("ours", "lines"),
    [
        (PIP, []),
        (Result(code=0), ["demo: pip selects 1.0, pipfast does not select it"]),
        (
            Result(code=0, selected={"demo": replace(DEMO, version="2.0"), "dep": DEMO}),
            [
                "demo: pip selects 1.0, pipfast selects 2.0",
                "dep: pipfast selects 1.0, pip does not select it",
            ],
        ),
        (
            Result(
                code=0, selected={"demo": replace(DEMO, origin="file:///demo.whl", hashes="none")}
            ),
            [
                "demo 1.0: origin https://h/demo.whl with pip, file:///demo.whl with pipfast",
                "demo 1.0: hashes sha256:aa with pip, none with pipfast",
            ],
        ),
        (
            Result(code=0, selected={"demo": replace(DEMO, extras=("x",))}),
            ["demo 1.0: requested extras none with pip, x with pipfast"],
        ),
        (
            Result(code=1, error="ERROR: no"),
            ["pip selects 1 distribution", "pipfast fails with code 1: ERROR: no"],
        ),
    ],
)
def test_every_difference_is_a_line(ours: Result, lines: list[str]) -> None:
    found = [line for one in differences(PIP, ours) for line in text_of(one).splitlines()]
    assert [line.strip() for line in found] == lines


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Result(code=1, error="ERROR: no"), True),
        (Result(code=1, error="ERROR: never"), False),
        (Result(code=2, error="ERROR: no"), False),
    ],
)
def test_failures_are_equal_if_exit_code_and_last_error_are(other: Result, *, same: bool) -> None:
    assert (not differences(Result(code=1, error="ERROR: no"), other)) is same


@pytest.mark.parametrize(
    ("pip", "ours", "outcome"),
    [
        (Result(code=1, error="a"), Result(code=1, error="a"), Outcome.SAME),
        (
            Result(code=1, error="a", obstacle=Obstacle.NETWORK),
            Result(code=1, error="a", obstacle=Obstacle.NETWORK),
            Outcome.NOT_COMPARED,
        ),
        (
            Result(code=1, error="a"),
            Result(code=1, error="b", obstacle=Obstacle.CREDENTIALS),
            Outcome.NOT_COMPARED,
        ),
        (PIP, Result(code=1, error="a", obstacle=Obstacle.CREDENTIALS), Outcome.DIFFERENT),
        (PIP, PIP, Outcome.SAME),
    ],
)
def test_two_failures_outside_the_resolver_are_not_compared(
    pip: Result, ours: Result, outcome: Outcome
) -> None:
    assert Comparison(name="", pip=pip, ours=ours).outcome is outcome


@pytest.mark.parametrize(
    ("output", "obstacle"),
    [
        ("ERROR: No matching distribution found for demo>3", None),
        ("ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/", None),
        ("ERROR: Package 'demo' requires a different Python: 3.11.7 not in '>=3.99'", None),
        ("error: metadata-generation-failed", None),
        ("WARNING: 401 Error, Credentials not correct for http://h/demo/", Obstacle.CREDENTIALS),
        ("ERROR: HTTP error 403 while getting http://h/demo.whl", Obstacle.CREDENTIALS),
        ("403 Client Error: Forbidden for url: http://h/demo.whl", Obstacle.CREDENTIALS),
        ("500 Server Error: Internal Server Error for url: http://h/", Obstacle.NETWORK),
        ("Could not fetch URL http://h/demo/: connection error - skipping", Obstacle.NETWORK),
        ("ERROR: Could not open requirements file: [Errno 2] No such file", Obstacle.INPUT),
        ("ERROR: Invalid requirement: '=='", Obstacle.INPUT),
    ],
)
def test_what_is_no_result_is_told_from_the_messages(
    output: str, obstacle: Obstacle | None
) -> None:
    assert obstacle_in(output) is obstacle


def test_a_report_is_read_by_project() -> None:
    def item(name: str, **info: Any) -> dict[str, Any]:
        return {"metadata": {"name": name, "version": "1"}, "download_info": info}

    report = {
        "install": [
            item(
                "Vcs", url="https://me:pw@h/x.git", vcs_info={"commit_id": "00"}, subdirectory="s"
            ),
            item("a_B", url="https://h/f", archive_info={"hashes": {"sha512": "b", "sha256": "a"}}),
            {**item("e", url="file:///e", dir_info={"editable": True}), "requested_extras": ["x"]},
        ]
    }
    assert selected(report) == {
        "a-b": Selected("1", "https://h/f", "sha256:a sha512:b"),
        "e": Selected("1", "file:///e editable", "none", ("x",)),
        "vcs": Selected("1", "https://me:****@h/x.git at 00 in s", "none"),
    }
