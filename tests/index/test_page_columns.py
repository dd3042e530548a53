"""Files that are read all at once are those that are read one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from pipfast.index import page_columns
from pipfast.index.filenames import grouped
from pipfast.index.simple_api import parse

DEMO = NormalizedName("demo-x")
JSON = "application/vnd.pypi.simple.v1+json"
FOLDER = "https://files.test/packages/0a/1b/"

SHA = "0" * 64
FILE = {
    "filename": "not read",
    "hashes": {"sha256": SHA},
    "requires-python": ">=3.9",
    "size": 10,
    "upload-time": "2026-01-01T00:00:00Z",
    "yanked": False,
    "core-metadata": {"sha256": SHA},
}

versions = st.sampled_from(
    ["1.0", "1.0.0", "1.10", "1.9", "2.0rc1", "2.0.dev1", "2.0.post1", "1.0+cpu", "1!0", "v1.0",
     "1.0-1", "nonsense", "1.0%2Bcpu", "1.0-py3.11", ""]
)  # fmt: skip
projects = st.sampled_from(["demo_x", "demo-x", "Demo.X", "other", "demo", "demo%5Fx"])
tails = st.sampled_from(
    ["-py3-none-any.whl", "-1-py3-none-any.whl", "-py2%2Bpy3-none-any.whl", ".tar.gz", ".zip",
     ".exe", "-none-any.whl", "-py3-none-any.whl/", "-py3-none-any%2Ewhl", ".whl",
     "-py3-none-any.whl#egg=x", "", "-1.tar.gz"]
)  # fmt: skip
folders = st.sampled_from([FOLDER, FOLDER, FOLDER, FOLDER + "c/", "https://other.test/", "../", ""])
urls = st.builds(lambda *parts: "".join(parts), folders, projects, st.just("-"), versions, tails)
odd = {
    "hashes": st.sampled_from([{}, {"md5": "0"}, {"sha256": SHA, "md5": "0"}, {"sha256": 1}, None]),
    "requires-python": st.sampled_from([None, "", ">=3", 3, [">=3"]]),
    "size": st.sampled_from([None, 0, 5, -1, 1.5, "5", True, 1 << 63]),
    "upload-time": st.sampled_from([None, "", "2026-01-01T00:00:00Z", 5]),
    "yanked": st.sampled_from([None, True, False, "", "broken", 1, {}]),
    "core-metadata": st.sampled_from([None, True, False, {}, {"md5": "0"}, {"sha256": 1}, 0, ""]),
    "dist-info-metadata": st.sampled_from([None, True, {"sha256": SHA}, {"x": "0"}]),
}


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    file = {**FILE, "url": draw(urls)}
    for field in draw(st.lists(st.sampled_from(sorted(odd)), max_size=2)):
        file[field] = draw(odd[field])
    for field in draw(st.sampled_from([[], [], [], ["hashes"], ["url"], ["core-metadata"]])):
        del file[field]
    return file


def one_by_one(listed: list[Any]) -> list[tuple[str, list[list[Any]]]] | None:
    try:
        rows = parse(json.dumps({"files": listed}).encode(), JSON, "https://i.test/demo/").rows
    except (ValueError, AttributeError, TypeError, LookupError):
        return None
    return [(text, [list(row) for row in files]) for text, files in grouped(rows, DEMO)]


@given(st.lists(files(), max_size=6))
@example([{**FILE, "url": f"{FOLDER}demo_x-1.0-py3-none-any.whl/"}])
@example([{**FILE, "url": f"{FOLDER}demo_x-1.0-py3-none-any%2Ewhl"}])
@example([{**FILE, "url": f"{FOLDER}-py3-none-any.whl"}])
@example(
    [{**FILE, "url": f"{FOLDER}demo_x-1.0{tail}"} for tail in ("", "-py3-none-any.whl", ".zip")]
)
@example([{**FILE, "url": f"{FOLDER}demo_x-1.0{tail}"} for tail in (".whl", "-py3-none-any.whl")])
@example(
    [
        {**FILE, "url": f"{FOLDER}demo_x-{tail}"}
        for tail in (
            "1.0.zip",
            "2.0.zip",
            "1.0-py3-none-any.whl",
            "1.0-1-py3-none-any.whl",
            "2-a.zip",
        )
    ]
)
def test_files_at_once_are_those_one_by_one(listed: list[dict[str, Any]]) -> None:
    found = page_columns.groups(listed, DEMO)
    if found is not None:
        ours = [
            (text, [[found.prefix + row[0], *row[1:]] for row in rows])
            for text, rows in found.by_version
        ]
        assert ours == one_by_one(listed)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"yanked": "broken"},
        {"core-metadata": True},
        {"core-metadata": False},
        {"requires-python": None},
        {"size": None},
    ],
)
def test_what_indexes_write_is_read_at_once(change: dict[str, Any]) -> None:
    names = [
        "demo_x-1.0-py3-none-any.whl",
        "demo_x-1.0%2Bcpu-py3-none-any.whl",
        "demo-x-1.0.tar.gz",
    ]
    listed = [{**FILE, **change, "url": FOLDER + name} for name in names]
    assert page_columns.groups(listed, DEMO) is not None


@pytest.mark.parametrize("listed", [[], {}, "x", ["x"], None, [None], [{**FILE, "url": 3}]])
def test_what_is_no_list_of_files_is_left_to_others(listed: object) -> None:
    assert page_columns.groups(listed, DEMO) is None
