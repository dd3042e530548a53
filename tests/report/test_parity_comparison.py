from __future__ import annotations

from typing import Any

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.report.parity_comparison import Result, Selected, differences, selected

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
    assert differences(PIP, ours) == lines


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
