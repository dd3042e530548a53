"""Each limit on files in an environment, at the limit and one beyond."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipfast.environment import metadata_files
from pipfast.environment.dependencies import names_needed
from pipfast.environment.direct_url_file import document_in, origin_of
from pipfast.environment.metadata_files import document_of, read
from pipfast.environment.recorded_files import record_of
from pipfast.model.events import Event
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName

BEYOND = pytest.mark.parametrize("beyond", [0, 1])


@BEYOND
def test_a_file(beyond: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_files, "LARGEST", 100)
    (tmp_path / "x").write_bytes(bytes(100 + beyond))
    assert read(str(tmp_path / "x")) == (None if beyond else bytes(100))


@BEYOND
def test_the_lines_of_record(beyond: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.environment.recorded_files.RECORD_LINES", 3 - beyond)
    (tmp_path / "RECORD").write_text("a,,\nb,,\nc,,\n")
    assert (record_of(str(tmp_path)) is None) == bool(beyond)


@BEYOND
def test_the_fields_of_metadata(beyond: int, tmp_path: Path) -> None:
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes(b"Name: demo\n" + b"a: b\n" * (100_000 + beyond) + b"\nx")
    assert document_of(str(info)).first("name") == (None if beyond else "demo")


def origin(text: str, reports: list[Event]) -> object:
    one = Installed(
        name=NormalizedName("demo"), raw_name="demo", version="1", location="/", info="/i",
        direct_url=text,
    )  # fmt: skip
    return origin_of(one, reports.append)


@pytest.mark.parametrize(
    "text",
    ['{"url": ' + "[" * 50_000, "0", json.dumps({"url": "https://[x/a.zip", "archive_info": {}})],
)
def test_an_origin_that_makes_no_sense_is_reported(text: str) -> None:
    reports: list[Event] = []
    assert origin(text, reports) is None
    assert len(reports) == 1


def test_a_deep_origin_is_no_document() -> None:
    assert document_in("[" * 50_000) is None


def test_a_requirement_with_deep_markers_is_an_invalid_one() -> None:
    line = "a; " + "(" * 5000 + "os_name == 'x'" + ")" * 5000
    with pytest.raises(ValueError, match="recursion"):
        list(names_needed([line], {"os_name": "x"}))
