from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.builds.errors import InvalidBuildSystem, NotAProject, UnreadableProject
from pipfast.builds.pyproject import (
    LEGACY,
    OLDEST_SETUPTOOLS,
    BuildSystem,
    build_system,
    stated_name,
    static_metadata,
)
from pipfast.errors import PipfastError
from pipfast.model.input_limits import LimitExceeded
from pipfast.report.failure import message_of
from tests.kit.projects import project, written

OLD = BuildSystem(requires=(OLDEST_SETUPTOOLS,), backend=LEGACY)


@pytest.mark.parametrize(
    ("files", "system"),
    [
        ({"setup.py": ""}, OLD),
        ({"pyproject.toml": "[tool.other]\n"}, OLD),
        (
            {"pyproject.toml": '[build-system]\nrequires = ["wheel"]\n'},
            BuildSystem(requires=("wheel",), backend=LEGACY, check=(OLDEST_SETUPTOOLS,)),
        ),
        (
            {
                "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "a.b:c"\n'
                'backend-path = ["x"]\n'
            },
            BuildSystem(requires=(), backend="a.b:c", backend_path=("x",)),
        ),
    ],
    ids=["setup.py", "no table", "no backend", "in the tree"],
)
def test_a_project_says_how_it_is_built(
    tmp_path: Path, files: dict[str, str], system: BuildSystem
) -> None:
    assert build_system(written(tmp_path, files), "demo") == system


@pytest.mark.parametrize(
    ("text", "kind", "log"),
    [
        (None, NotAProject, "demo does not appear to be a Python project: neither 'setup.py'"),
        ("[build-system", UnreadableProject, "The pyproject.toml of demo cannot be used: Expected"),
        ("build-system = 1", UnreadableProject, "build-system is not a table"),
        ("[build-system]", InvalidBuildSystem, "missing the mandatory `requires` key."),
        ('[build-system]\nrequires = "x"', InvalidBuildSystem, "It is not a list of strings."),
        ("[build-system]\nrequires = [1]", InvalidBuildSystem, "It is not a list of strings."),
        (
            '[build-system]\nrequires = ["a b"]',
            InvalidBuildSystem,
            "    It contains an invalid requirement: 'a b'",
        ),
        (
            "[build-system]\nrequires = []\nbuild-backend = 1",
            UnreadableProject,
            "build-backend is not a string",
        ),
        (
            '[build-system]\nrequires = []\nbackend-path = "."',
            UnreadableProject,
            "backend-path is not an array of strings",
        ),
    ],
)
def test_a_wrong_build_system_is_told(
    tmp_path: Path, text: str | None, kind: type[PipfastError], log: str
) -> None:
    folder = written(tmp_path, {} if text is None else {"pyproject.toml": text})
    with pytest.raises(kind) as caught:
        build_system(folder, "demo")
    assert log in message_of(caught.value)


@pytest.mark.parametrize(
    ("level", "lines", "promised"),
    [
        ("2.2", "", True),
        ("2.4", "Dynamic: License-File\n", True),
        ("2.1", "", False),
        ("2.2", "Dynamic: Requires-Dist\n", False),
        ("2.2", "Dynamic: requires-python\n", False),
        ("2.2", "Dynamic: Provides-Extra\n", False),
        ("2.2", "Dynamic: Version\n", False),
        ("x", "", False),
    ],
)
def test_an_sdist_promises_its_metadata_from_2_2_on_unless_it_is_dynamic(
    tmp_path: Path, level: str, lines: str, promised: bool
) -> None:
    text = f"Metadata-Version: {level}\nName: Demo\nVersion: 1.0\n{lines}Requires-Dist: other\n"
    written(tmp_path, {"PKG-INFO": text})
    found = static_metadata(tmp_path, sdist=True)
    assert (found is not None) is promised
    if found is not None:
        assert (found.document, found.metadata.requires_dist) == (text, ("other",))
    assert static_metadata(tmp_path, sdist=False) is None


TABLE = """
[project]
name = "Demo"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["other>=2; python_version > '3'"]
[project.optional-dependencies]
more = ["third", "fourth; os_name == 'nt' or os_name == 'posix'"]
"""


def test_a_table_without_dynamic_fields_promises_the_metadata_of_a_folder(tmp_path: Path) -> None:
    found = static_metadata(written(tmp_path, {"pyproject.toml": TABLE}), sdist=False)
    assert found is not None
    metadata = found.metadata
    assert (metadata.name, metadata.version, found.document) == ("Demo", "1.0", None)
    assert metadata.requires_python == ">=3.8"
    assert metadata.provides_extra == ("more",)
    environment = {"python_version": "3.12", "os_name": "posix"}
    assert [str(one) for one in metadata.dependencies([], environment)] == [
        'other>=2; python_version > "3"'
    ]
    assert [one.name for one in metadata.dependencies(["more"], environment)] == [
        "other", "third", "fourth",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        'dynamic = ["version"]\n[project]\nname = "demo"',
        '[project]\nname = "demo"\nversion = "1"\ndynamic = ["dependencies"]',
        '[project]\nname = "demo"\nversion = "1"\ndynamic = ["optional-dependencies"]',
        '[project]\nname = "demo"\nversion = "1"\ndependencies = "other"',
        '[project]\nname = "demo"\nversion = 1',
        '[project]\nversion = "1"',
        '[project]\nname = "demo"\nversion = "1"\noptional-dependencies = {a = ["b c"]}',
        "[project",
        "project = 1",
    ],
)
def test_any_other_table_promises_nothing(tmp_path: Path, text: str) -> None:
    assert static_metadata(written(tmp_path, {"pyproject.toml": text}), sdist=False) is None


def test_a_name_is_known_where_it_is_stated(tmp_path: Path) -> None:
    assert stated_name(written(tmp_path / "a", {"pyproject.toml": TABLE})) == "Demo"
    assert stated_name(written(tmp_path / "b", project("Other").released)) == "Other"
    assert stated_name(tmp_path) == ""


@pytest.mark.parametrize(("name", "is_static"), [("De.Mo", True), ("other", False)])
def test_an_sdist_of_another_name_promises_nothing(
    tmp_path: Path, name: str, is_static: bool
) -> None:
    (tmp_path / "PKG-INFO").write_text("Metadata-Version: 2.2\nName: de-mo\nVersion: 1\n")
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n')
    assert (static_metadata(tmp_path, sdist=True) is not None) is is_static


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_size_of_pyproject_is_limited(
    tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.builds.pyproject.PROJECT_FILE_SIZE", 100)
    (tmp_path / "pyproject.toml").write_bytes(b"#" * (100 + beyond))
    if not beyond:
        assert build_system(tmp_path, "demo") == OLD
    else:
        with pytest.raises(LimitExceeded):
            build_system(tmp_path, "demo")


@pytest.mark.parametrize("beyond", [0, 1])
def test_metadata_beyond_the_limits_is_not_static(
    tmp_path: Path, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = b"Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n\n".ljust(200_000 + beyond)
    monkeypatch.setattr("pipfast.model.input_limits.METADATA_SIZE", 200_000)
    (tmp_path / "PKG-INFO").write_bytes(document)
    assert (static_metadata(tmp_path, sdist=True) is None) == bool(beyond)
    assert stated_name(tmp_path) == ("" if beyond else "demo")


def test_values_that_are_nested_too_deeply_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("a = " + "[" * 50_000)
    with pytest.raises(UnreadableProject):
        build_system(tmp_path, "demo")
