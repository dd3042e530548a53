from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipfast.builds.errors import PreparationFailed
from pipfast.model.events import Level, Status
from pipfast.model.metadata import parse_metadata
from tests.builds.builds import BuildLog, builder, demo, found
from tests.kit.projects import written

FLIT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "demo"
version = "1.0"
description = "a demonstration"
requires-python = ">=3.8"
dependencies = ["other>=2"]
"""
SETUPTOOLS = """
from setuptools import setup
setup(name="demo", version="1.0", py_modules=["demo"], install_requires=["other>=2"])
"""


@pytest.mark.parametrize(
    ("files", "filename"),
    [
        ({"pyproject.toml": FLIT, "demo.py": ""}, "demo-1.0-py3-none-any.whl"),
        ({"setup.py": SETUPTOOLS, "demo.py": ""}, "demo-1.0-py3-none-any.whl"),
    ],
    ids=["flit", "setup.py"],
)
def test_a_project_tells_its_metadata_and_becomes_a_wheel(
    tmp_path: Path, files: dict[str, str], filename: str
) -> None:
    project, log = found(written(tmp_path / "demo", files)), BuildLog()
    with builder(tmp_path) as build:
        metadata = parse_metadata(build.metadata(project, log))
        wheel = build.wheel(project, tmp_path / "wheels", log)
    assert (metadata.name, metadata.version) == ("demo", "1.0")
    assert metadata.requires_dist == ("other>=2",)
    assert wheel == tmp_path / "wheels" / filename
    with zipfile.ZipFile(wheel) as archive:
        assert "demo.py" in archive.namelist()
    assert log.steps == [
        ("Installing build dependencies", Status.DONE),
        ("Getting requirements to build wheel", Status.DONE),
        ("Preparing metadata (pyproject.toml)", Status.DONE),
        ("Building wheel for demo (pyproject.toml)", Status.DONE),
    ]


def test_backends_can_tell_that_pip_is_at_work(tmp_path: Path) -> None:
    """hatchling then takes metadata from the wheel: its plugins may add to it what is built."""
    setup = SETUPTOOLS.replace(
        "setup(", "import os, sys; print(os.path.isdir(os.environ['PIP_BUILD_TRACKER'])); setup("
    )
    project = found(
        written(tmp_path / "demo", {"setup.py": f"{setup}\nsys.exit(3)", "demo.py": ""})
    )
    log = BuildLog()
    with builder(tmp_path) as build, pytest.raises(PreparationFailed):
        build.metadata(project, log)
    assert "      True\n" in log.output(Level.ERROR)


def test_metadata_is_prepared_once(tmp_path: Path) -> None:
    log = BuildLog()
    with builder(tmp_path) as build:
        first = build.metadata(demo(tmp_path), log)
        assert build.metadata(demo(tmp_path), log) == first
    assert [step for step, _ in log.steps].count("Preparing metadata (pyproject.toml)") == 1
