"""What is told of builds, line by line as pip 26.3 tells it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipfast.builds.errors import (
    BadMetadata,
    ConflictingRequirements,
    MetadataFailed,
    MetadataFault,
    MissingRequirements,
    NotEditable,
    PreparationFailed,
    WheelNotBuilt,
)
from pipfast.errors import PipfastError
from pipfast.model.events import Level, Message, Status, Work
from pipfast.model.frozen_dataclass import replace
from pipfast.model.program_events import ProgramOutput
from pipfast.policy.build import BuildPolicy
from pipfast.report.failure import message_of
from pipfast.report.render import text_of
from pipfast.report.spinner import title
from tests.builds.builds import OPEN, Told, builder, demo, found, written
from tests.kit.projects import BACKEND
from tests.kit.wheels import wheel


def told_of(tmp_path: Path, verbosity: int = 0, **what: Any) -> tuple[Told, str]:
    """What is told of a build of the kit's project, and the error that it ends with."""
    told, policy = Told(), what.pop("policy", BuildPolicy())
    project = demo(tmp_path, **what)
    with builder(tmp_path, BACKEND, policy=policy, verbosity=verbosity) as build:
        try:
            build.metadata(project, told)
            build.wheel(project, tmp_path / "wheels", told)
        except PipfastError as error:
            return told, message_of(error)
    return told, ""


def test_steps_are_told_in_pips_order(tmp_path: Path) -> None:
    told, _ = told_of(tmp_path, needs=("kit-backend",))
    assert [title(event) for event in told.events if isinstance(event, Work)] == [
        "  Installing build dependencies", "  Installing build dependencies",
        "  Getting requirements to build wheel", "  Getting requirements to build wheel",
        "  Preparing metadata (pyproject.toml)", "  Preparing metadata (pyproject.toml)",
        "  Building wheel for demo (pyproject.toml)", "  Building wheel for demo (pyproject.toml)",
    ]  # fmt: skip
    assert told.said().startswith(
        "  Created wheel for demo: filename=demo-1.0-py3-none-any.whl size="
    )


def test_a_failed_hook_shows_its_output_in_a_box(tmp_path: Path) -> None:
    hook = "prepare_metadata_for_build_wheel"
    told, error = told_of(tmp_path, told={"fails": {hook: "exit"}, "says": {hook: "one\n\n\ttwo"}})
    assert told.said(Level.ERROR) == (
        "  error: subprocess-exited-with-error\n"
        "  \n"
        "  × Preparing metadata (pyproject.toml) did not run successfully.\n"  # noqa: RUF001
        "  │ exit code: 3\n"
        "  ╰─> [6 lines of output]\n"
        "      one\n"
        "      \n"
        "          two\n"
        "      one\n"
        "      \n"
        "          two (error output)\n"
        "      [end of output]\n"
        "  \n"
        "  note: This error originates from a subprocess, and is likely not a problem with pip."
    )
    assert error == MetadataFailed(demo(tmp_path).described).message


def test_output_that_was_shown_is_not_shown_again(tmp_path: Path) -> None:
    hook = "get_requires_for_build_wheel"
    told, _ = told_of(tmp_path, 1, told={"fails": {hook: "exit"}, "says": {hook: "one"}})
    messages = [event for event in told.events if isinstance(event, Message)]
    *lines, failure, details = map(text_of, messages)
    assert [line[:40] for line in lines] == [
        "  Running command Getting requirements t",
        "  one",
        "  one (error output)",
    ]
    assert failure.startswith("  error: subprocess-exited-with-error\n")
    assert "╰─> No available output." in failure
    command, folder = details.split("\n")
    assert command.startswith("  full command: ")
    assert folder == f"  cwd: {tmp_path / 'demo'}"
    assert all(message.of_program for message in messages)
    assert isinstance(told.events[-1], Work)


def test_bytes_of_no_encoding_are_shown_as_escapes(tmp_path: Path) -> None:
    backend = "import os\nos.write(1, b'\\xff bad\\n')\nraise SystemExit(1)\n"
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\n'
        'backend-path = ["."]\n',
        "own.py": backend,
    }
    told = Told()
    with builder(tmp_path) as build, pytest.raises(PreparationFailed):
        build.metadata(found(written(tmp_path / "demo", files)), told)
    assert "\n      \\xff bad\n" in told.said()


def test_build_requirements_that_cannot_be_had_end_the_build(tmp_path: Path) -> None:
    told, error = told_of(tmp_path, needs=("no-such-thing",))
    assert error.endswith("' when installing build dependencies")
    assert "× installing build dependencies did not run" in told.said()  # noqa: RUF001
    assert "ERROR: No matching distribution found for no-such-thing" in told.said()
    assert told.steps == [("Installing build dependencies", Status.ERROR)]


def test_what_a_backend_asks_for_is_installed_too(tmp_path: Path) -> None:
    needs = {"get_requires_for_build_wheel": ["tool", "kit-backend", "x; python_version < '3'"]}
    project, told = demo(tmp_path, needs=("kit-backend",), told={"needs": needs}), Told()
    with builder(tmp_path, BACKEND, wheel("tool")) as build:
        build.metadata(project, told)
        assert build.requirements(project) == ("kit-backend==1.0", "tool==1.0")
    assert told.steps[2] == ("Installing backend dependencies", Status.DONE)


CHECKED = BuildPolicy(isolation=OPEN.isolation, check_dependencies=True)
CONTRARY = {"needs": {"get_requires_for_build_wheel": ["kit-backend>3"]}}


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (
            {"needs": ("kit-backend",), "told": CONTRARY},
            lambda named: ConflictingRequirements(
                named, "the backend dependencies", [("kit-backend==1.0", "kit-backend>3")]
            ),
        ),
        (
            {"needs": ("no-such",), "policy": CHECKED},
            lambda named: MissingRequirements(named, ["no-such"]),
        ),
        (
            {"told": {"prepared": "Version: 1\n"}},
            lambda named: BadMetadata(named, MetadataFault.NO_NAME),
        ),
    ],
    ids=["conflict", "missing", "no name"],
)
def test_a_project_that_cannot_be_built_is_told(
    tmp_path: Path, what: dict[str, Any], error: Callable[[str], PipfastError]
) -> None:
    _, message = told_of(tmp_path, **what)
    assert message == message_of(error(demo(tmp_path).named))


def test_without_isolation_nothing_is_installed_or_asked_for(tmp_path: Path) -> None:
    told, _ = told_of(tmp_path, policy=OPEN)
    assert told.steps[0] == ("Preparing metadata (pyproject.toml)", Status.DONE)


def test_an_editable_needs_a_backend_that_knows_them(tmp_path: Path) -> None:
    folder = demo(tmp_path, told={"lacks": ["build_editable"]}).folder
    project, told = found(folder, editable=True), Told()
    with builder(tmp_path) as build, pytest.raises(NotEditable):
        build.metadata(project, told)
    assert told.steps == [("Checking if build backend supports build_editable", Status.DONE)]


@pytest.mark.parametrize(
    ("as_wheel", "filename"), [(False, "__editable__.demo.pth"), (True, "demo/__init__.py")]
)
def test_an_editable_is_built_by_its_own_hooks_unless_a_wheel_is_wanted(
    tmp_path: Path, as_wheel: bool, filename: str
) -> None:
    project, told = found(demo(tmp_path).folder, editable=True, as_wheel=as_wheel), Told()
    with builder(tmp_path) as build:
        build.metadata(project, told)
        path = build.wheel(project, tmp_path / "wheels", told)
    with zipfile.ZipFile(path) as archive:
        assert filename in archive.namelist()
    kind = "wheel" if as_wheel else "editable"
    assert told.steps[1] == (f"Getting requirements to build {kind}", Status.DONE)
    assert told.steps[3] == (f"Building {kind} for demo (pyproject.toml)", Status.DONE)


def test_a_wheel_is_built_without_asking_for_metadata_first(tmp_path: Path) -> None:
    told = Told()
    with builder(tmp_path) as build:
        build.wheel(demo(tmp_path, table=True), tmp_path / "wheels", told)
    assert [step for step, _ in told.steps] == [
        "Getting requirements to build wheel", "Building wheel for demo (pyproject.toml)",
    ]  # fmt: skip


def test_a_backend_without_the_metadata_hook_builds_once(tmp_path: Path) -> None:
    hook = "prepare_metadata_for_build_wheel"
    says = {"build_wheel": "building"}
    told, error = told_of(tmp_path, 1, told={"lacks": [hook], "says": says})
    assert error == ""
    assert told.said(Level.VERBOSE).count("  building\n") == 1


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ({"name": "other"}, "Wheel has unexpected file name: expected 'demo', got 'other'"),
        (
            {"metadata": "Metadata-Version: 2.1\nName: demo\nVersion: 2\n"},
            "Wheel has unexpected file name: expected '2', got '1.0'",
        ),
        ({"metadata": "Name: demo\nVersion: 1.0\n"}, "Missing Metadata-Version"),
        (
            {"metadata": "Metadata-Version: x\nName: demo\nVersion: 1.0\n"},
            "Invalid Metadata-Version: x",
        ),
    ],
)
def test_a_wheel_that_contradicts_itself_is_refused(
    tmp_path: Path, what: dict[str, str], fault: str
) -> None:
    prepared = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    told, _ = told_of(tmp_path, told={"prepared": prepared, **what})
    *_, stored, warning = told.said().split("\n")
    assert stored == f"  Stored in directory: {tmp_path / 'wheels'}"
    assert warning == f"  Built wheel for demo is invalid: {fault}"
    assert not list((tmp_path / "wheels").iterdir())


def test_a_name_that_was_not_asked_for_is_told(tmp_path: Path) -> None:
    project, told = found(demo(tmp_path).folder, name="wanted"), Told()
    with builder(tmp_path) as build:
        build.metadata(project, told)
    assert told.said() == (
        "  Generating metadata for package wanted produced metadata for project name demo. "
        "Fix your #egg=wanted fragments."
    )


def test_settings_and_variables_reach_the_backend(tmp_path: Path) -> None:
    folder = demo(tmp_path, table=True, told={"variables": ["TOLD", "OTHER"]}).folder
    project = found(folder, settings={"key": ["a", "b"]})
    policy = BuildPolicy(variables={"demo": {"TOLD": "yes"}, "third": {"OTHER": "no"}})
    with builder(tmp_path, policy=policy) as build:
        path = build.wheel(project, tmp_path / "wheels", Told())
    with zipfile.ZipFile(path) as archive:
        read = json.loads(archive.read("demo/built.json"))
    assert read["settings"] == {"key": ["a", "b"]}
    assert read["variables"] == {"TOLD": "yes", "OTHER": None}


@pytest.mark.parametrize(("given", "level"), [(True, Level.WARNING), (False, Level.DEBUG)])
def test_a_backends_warnings_are_loud_for_folders_the_user_named(
    tmp_path: Path, given: bool, level: Level
) -> None:
    backend = "import warnings\nwarnings.warn('careful')\n"
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\n'
        'backend-path = ["."]\n',
        "own.py": backend,
    }
    project = replace(found(written(tmp_path / "demo", files)), given=given)
    told = Told()
    with builder(tmp_path) as build, pytest.raises(WheelNotBuilt):
        build.wheel(project, tmp_path / "wheels", told)
    place = f"{tmp_path / 'demo' / 'own.py'}:2: BuildBackendWarning: careful"
    warning = f"{place}\n  warnings.warn('careful')"
    assert ProgramOutput(warning, level=level, of_program=given) in told.events
