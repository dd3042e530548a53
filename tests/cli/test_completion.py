"""The answer to a shell: files, what is installed, and silence about all that is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from pipfast.cli.completion import complete, is_asked
from pipfast.cli.completion_names import local_names

ASKED = {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": "pip in", "COMP_CWORD": "1"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("readme", "resources/images/one", "other"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def emitted(words: str, cursor: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is printed for a command line; nothing ever goes to standard error."""
    assert complete([], "pip", {"COMP_WORDS": f"pip {words}", "COMP_CWORD": cursor}) == 1
    out, err = capsys.readouterr()
    assert err == ""
    return sorted(out.splitlines())


@pytest.mark.parametrize("missing", ASKED)
def test_a_person_is_not_completed(missing: str) -> None:
    assert is_asked(ASKED)
    assert is_asked(ASKED | {"PIP_AUTO_COMPLETE": ""})
    assert not is_asked({name: value for name, value in ASKED.items() if name != missing})


@pytest.mark.parametrize(
    ("words", "cursor", "expected"),
    [
        ("install r", "2", ["readme", "resources/"]),
        ("install ./resources/", "2", ["./resources/images/"]),
        ("--cache-dir r", "2", ["resources/"]),
        ("wheel -r resources/images/", "3", ["resources/images/one"]),
        ("wheel -r absent/", "3", []),
        ("wheel -r readme/", "3", []),
        ("wheel r", "2", []),
        ("wheel r", "two", []),
        ("wheel r", "9", []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_paths_are_offered_where_one_is_wanted(
    words: str, cursor: str, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert emitted(words, cursor, capsys) == expected


def distribution(folder: Path, name: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


@pytest.fixture
def target(tmp_path: Path) -> dict[str, str]:
    """The variables of an active environment that sees two more distributions outside of it."""
    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(tmp_path / "env")
    site = next((tmp_path / "env").rglob("site-packages"))
    distribution(site, "Own_One")
    distribution(site, "wsgiref")
    distribution(tmp_path / "outside", "foreign")
    return {
        "VIRTUAL_ENV": str(tmp_path / "env"),
        "PYTHONPATH": str(tmp_path / "outside"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(tmp_path / "cache"),
    }


def test_names_are_those_of_the_environment_itself(target: dict[str, str]) -> None:
    assert local_names([], "pipfast", target) == ["own-one"]


def test_names_are_those_of_the_python_that_is_named(target: dict[str, str]) -> None:
    active = target.pop("VIRTUAL_ENV")
    assert local_names(["--python", active], "pipfast", target) == ["own-one"]
    assert "own-one" not in local_names([], "pipfast", target)


def test_a_wrong_configuration_hides_no_names(target: dict[str, str]) -> None:
    assert local_names([], "pipfast", target | {"PIP_TIMEOUT": "soon"}) == ["own-one"]


def test_an_environment_that_does_not_answer_has_no_names(
    target: dict[str, str], tmp_path: Path
) -> None:
    python = tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert local_names([], "pipfast", target) == []


@pytest.mark.parametrize("name", ["pip", "pip3.11", "pipfast"])
def test_the_script_for_a_shell_is_for_the_program_that_was_called(
    name: str, target: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "called" / name
    program.parent.mkdir()
    program.write_text("from pipfast.main import run\n\nrun()\n")
    command = [sys.executable, str(program), "completion", "--bash"]
    environ = {**os.environ, **target, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    assert f"\ncomplete -o default -F _pip_completion {name}\n" in done.stdout
    assert "\n_pip_completion()\n" in done.stdout


def test_a_completion_loads_next_to_nothing() -> None:
    program = (
        "import sys; from pipfast.main import main; code = main([], 'pip');"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"]
    environ = os.environ | ASKED | {"COMP_WORDS": "pip install --no-d", "COMP_CWORD": "2"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    code, *loaded = done.stderr.split()
    assert (code, done.stdout) == ("1", "--no-deps\n--no-dependencies\n")
    ours = {name for name in loaded if name.startswith("pipfast.")}
    assert ours == {
        "pipfast.main", "pipfast.cli", "pipfast.cli.completion", "pipfast.cli.streams",
        "pipfast.config", "pipfast.config.program_name",
        "pipfast.config.completion_candidates", "pipfast.config.subcommands",
        "pipfast.config.option_table", "pipfast.model", "pipfast.model.frozen_dataclass",
    }  # fmt: skip
    assert {"typing", "re", "dataclasses", "pathlib"}.isdisjoint(loaded)
