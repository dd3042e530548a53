"""Build environments are equal if the files of their distributions are."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.builds.build_inputs import contents
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import NormalizedName

RECORD = "demo/__init__.py,sha256=abc,1\ndemo-1.0.dist-info/METADATA,sha256=def,2\n"


def placed(folder: Path, record: str | None, **more: str) -> Installed:
    info = folder / "demo-1.0.dist-info"
    info.mkdir(parents=True)
    if record is not None:
        (info / "RECORD").write_text(record)
    return Installed(
        name=NormalizedName("demo"),
        raw_name="demo",
        version="1.0",
        location=str(folder),
        info=str(info),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("more", "is_equal"),
    [
        ("demo-1.0.dist-info/INSTALLER,sha256=x,3\n", True),
        ("demo-1.0.dist-info/direct_url.json,sha256=y,1\n", True),
        ("../../../bin/demo,sha256=of-this-machine,3\n", True),
        ("demo/__pycache__/demo.cpython-311.pyc,,\n", True),
        ("demo/more.py,sha256=x,3\n", False),
    ],
)  # fmt: skip
def test_how_and_where_it_was_installed_does_not_count(
    more: str, is_equal: bool, tmp_path: Path
) -> None:
    one, other = placed(tmp_path / "a", RECORD), placed(tmp_path / "b", RECORD + more)
    assert (contents([one]) == contents([other])) is is_equal


def test_a_distribution_without_record_counts_by_its_version(tmp_path: Path) -> None:
    assert contents([placed(tmp_path, None)]) == ("demo==1.0",)


@pytest.mark.parametrize(
    "more",
    [{"editable": "/src"}, {"direct_url": '{"url": "file:///src", "dir_info": {}}'},
     {"direct_url": "not JSON"}],
)  # fmt: skip
def test_a_folder_of_a_user_is_not_known(more: dict[str, str], tmp_path: Path) -> None:
    assert contents([placed(tmp_path, RECORD, **more)]) is None
