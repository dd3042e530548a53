from __future__ import annotations

from typing import Any

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.report.parity_comparison import Result, Taken, differences, taken

DEMO = Taken("1.0", "https://h/demo.whl", "sha256:aa")
PIP = Result(code=0, taken={"demo": DEMO})


@pytest.mark.parametrize(
    ("ours", "lines"),
    [
        (PIP, []),
        (Result(code=0), ["demo: pip selects 1.0, pipfast does not select it"]),
        (
            Result(code=0, taken={"demo": replace(DEMO, version="2.0"), "dep": DEMO}),
            [
                "demo: pip selects 1.0, pipfast selects 2.0",
                "dep: pipfast selects 1.0, pip does not select it",
            ],
        ),
        (
            Result(code=0, taken={"demo": replace(DEMO, origin="file:///demo.whl", hashes="none")}),
            [
                "demo 1.0: with pip it comes from https://h/demo.whl, with pipfast file:///demo.whl",
                "demo 1.0: with pip it has the hashes sha256:aa, with pipfast none",
            ],
        ),
        (
            Result(code=0, taken={"demo": replace(DEMO, extras=("x",))}),
            ["demo 1.0: with pip it is asked for with the extras none, with pipfast x"],
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
def test_failures_are_alike_by_code_and_last_error(other: Result, *, same: bool) -> None:
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
    assert taken(report) == {
        "a-b": Taken("1", "https://h/f", "sha256:a sha512:b"),
        "e": Taken("1", "file:///e editable", "none", ("x",)),
        "vcs": Taken("1", "https://me:****@h/x.git at 00 in s", "none"),
    }
