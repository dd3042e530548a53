"""What is log of builds, line by line as pip 26.3 tells it."""

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
from tests.builds.builds import OPEN, BuildLog, builder, demo, found
from tests.kit.projects import BACKEND, written
from tests.kit.wheels import wheel


def told_of(tmp_path: Path, verbosity: int = 0, **what: Any) -> tuple[BuildLog, str]:
    """What is log of a build of the kit's project, and the error that it ends with."""
    log, policy = BuildLog(), what.pop("policy", BuildPolicy())
    project = demo(tmp_path, **what)
    with builder(tmp_path, BACKEND, policy=policy, verbosity=verbosity) as build:
        try:
            build.metadata(project, log)
            build.wheel(project, tmp_path / "wheels", log)
        except PipfastError as error:
            return log, message_of(error)
    return log, ""


def test_steps_are_told_in_pips_order(tmp_path: Path) -> None:
    log, _ = told_of(tmp_path, needs=("kit-backend",))
    assert [title(event) for event in log.events if isinstance(event, Work)] == [
        "  Installing build dependencies", "  Installing build dependencies",
        "  Getting requirements to build wheel", "  Getting requirements to build wheel",
        "  Preparing metadata (pyproject.toml)", "  Preparing metadata (pyproject.toml)",
        "  Building wheel for demo (pyproject.toml)", "  Building wheel for demo (pyproject.toml)",
    ]  # fmt: skip
    assert log.output().startswith(
        "  Created wheel for demo: filename=demo-1.0-py3-none-any.whl size="
    )


def test_a_failed_hook_shows_its_output_in_a_box(tmp_path: Path) -> None:
    hook = "prepare_metadata_for_build_wheel"
    log, error = told_of(
        tmp_path, backend={"fails": {hook: "exit"}, "says": {hook: "one\n\n\ttwo"}}
    )
    assert log.output(Level.ERROR) == (
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
    log, _ = told_of(tmp_path, 1, backend={"fails": {hook: "exit"}, "says": {hook: "one"}})
    messages = [event for event in log.events if isinstance(event, Message)]
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
    assert isinstance(log.events[-1], Work)


def test_bytes_of_no_encoding_are_shown_as_escapes(tmp_path: Path) -> None:
    backend = "import os\nos.write(1, b'\\xff bad\\n')\nraise SystemExit(1)\n"
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "own"\n'
        'backend-path = ["."]\n',
        "own.py": backend,
    }
    log = BuildLog()
    with builder(tmp_path) as build, pytest.raises(PreparationFailed):
        build.metadata(found(written(tmp_path / "demo", files)), log)
    assert "\n      \\xff bad\n" in log.output()


def test_build_requirements_that_cannot_be_had_end_the_build(tmp_path: Path) -> None:
    log, error = told_of(tmp_path, needs=("no-such-thing",))
    assert error.endswith("' when installing build dependencies")
    assert "× installing build dependencies did not run" in log.output()  # noqa: RUF001
    assert "ERROR: No matching distribution found for no-such-thing" in log.output()
    assert log.steps == [("Installing build dependencies", Status.ERROR)]


def test_what_a_backend_asks_for_is_installed_too(tmp_path: Path) -> None:
    needs = {"get_requires_for_build_wheel": ["tool", "kit-backend", "x; python_version < '3'"]}
    project, log = demo(tmp_path, needs=("kit-backend",), backend={"needs": needs}), BuildLog()
    with builder(tmp_path, BACKEND, wheel("tool")) as build:
        build.metadata(project, log)
        assert build.requirements(project) == ("kit-backend==1.0", "tool==1.0")
    assert log.steps[2] == ("Installing backend dependencies", Status.DONE)


CHECKED = BuildPolicy(isolation=OPEN.isolation, check_dependencies=True)
CONTRARY = {"needs": {"get_requires_for_build_wheel": ["kit-backend>3"]}}


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (
            {"needs": ("kit-backend",), "backend": CONTRARY},
            lambda named: ConflictingRequirements(
                named, "the backend dependencies", [("kit-backend==1.0", "kit-backend>3")]
            ),
        ),
        (
            {"needs": ("no-such",), "policy": CHECKED},
            lambda named: MissingRequirements(named, ["no-such"]),
        ),
        (
            {"backend": {"prepared": "Version: 1\n"}},
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
    log, _ = told_of(tmp_path, policy=OPEN)
    assert log.steps[0] == ("Preparing metadata (pyproject.toml)", Status.DONE)


def test_an_editable_needs_a_backend_that_knows_them(tmp_path: Path) -> None:
    folder = demo(tmp_path, backend={"lacks": ["build_editable"]}).folder
    project, log = found(folder, editable=True), BuildLog()
    with builder(tmp_path) as build, pytest.raises(NotEditable):
        build.metadata(project, log)
    assert log.steps == [("Checking if build backend supports build_editable", Status.DONE)]


@pytest.mark.parametrize(
    ("as_wheel", "filename"), [(False, "__editable__.demo.pth"), (True, "demo/__init__.py")]
)
def test_an_editable_is_built_by_its_own_hooks_unless_a_wheel_is_wanted(
    tmp_path: Path, as_wheel: bool, filename: str
) -> None:
    project, log = found(demo(tmp_path).folder, editable=True, as_wheel=as_wheel), BuildLog()
    with builder(tmp_path) as build:
        build.metadata(project, log)
        path = build.wheel(project, tmp_path / "wheels", log)
    with zipfile.ZipFile(path) as archive:
        assert filename in archive.namelist()
    kind = "wheel" if as_wheel else "editable"
    assert log.steps[1] == (f"Getting requirements to build {kind}", Status.DONE)
    assert log.steps[3] == (f"Building {kind} for demo (pyproject.toml)", Status.DONE)


def test_a_wheel_is_built_without_asking_for_metadata_first(tmp_path: Path) -> None:
    log = BuildLog()
    with builder(tmp_path) as build:
        build.wheel(demo(tmp_path, table=True), tmp_path / "wheels", log)
    assert [step for step, _ in log.steps] == [
        "Getting requirements to build wheel", "Building wheel for demo (pyproject.toml)",
    ]  # fmt: skip


def test_a_backend_without_the_metadata_hook_builds_once(tmp_path: Path) -> None:
    hook = "prepare_metadata_for_build_wheel"
    says = {"build_wheel": "building"}
    log, error = told_of(tmp_path, 1, backend={"lacks": [hook], "says": says})
    assert error == ""
    assert log.output(Level.VERBOSE).count("  building\n") == 1


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
    log, _ = told_of(tmp_path, backend={"prepared": prepared, **what})
    *_, stored, warning = log.output().split("\n")
    assert stored == f"  Stored in directory: {tmp_path / 'wheels'}"
    assert warning == f"  Built wheel for demo is invalid: {fault}"
    assert not list((tmp_path / "wheels").iterdir())


def test_a_name_that_was_not_asked_for_is_told(tmp_path: Path) -> None:
    project, log = found(demo(tmp_path).folder, name="wanted"), BuildLog()
    with builder(tmp_path) as build:
        build.metadata(project, log)
    assert log.output() == (
        "  Generating metadata for package wanted produced metadata for project name demo. "
        "Fix your #egg=wanted fragments."
    )


def test_settings_and_variables_reach_the_backend(tmp_path: Path) -> None:
    folder = demo(tmp_path, table=True, backend={"variables": ["TOLD", "OTHER"]}).folder
    project = found(folder, settings={"key": ["a", "b"]})
    policy = BuildPolicy(variables={"demo": {"TOLD": "yes"}, "third": {"OTHER": "no"}})
    with builder(tmp_path, policy=policy) as build:
        path = build.wheel(project, tmp_path / "wheels", BuildLog())
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
    log = BuildLog()
    with builder(tmp_path) as build, pytest.raises(WheelNotBuilt):
        build.wheel(project, tmp_path / "wheels", log)
    place = f"{tmp_path / 'demo' / 'own.py'}:2: BuildBackendWarning: careful"
    warning = f"{place}\n  warnings.warn('careful')"
    assert ProgramOutput(warning, level=level, of_program=given) in log.events
