"""Which Python a program called pip means by the place where it stands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipfast.config.interpreter_beside import interpreter_beside
from pipfast.config.settings import settings
from pipfast.errors import CommandError

NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def put(path: Path, text: str = "") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """A virtual environment, as far as paths tell."""
    for name in ("env", "other"):
        put(tmp_path / name / "pyvenv.cfg")
        put(tmp_path / name / "bin" / "python")
    return tmp_path / "env"


@pytest.mark.parametrize("name", ["pip", "pip3", "pip3.11"])
def test_in_a_virtual_environment_it_is_that_one_whichever_is_active(env: Path, name: str) -> None:
    active = {"VIRTUAL_ENV": str(env.parent / "other")}
    assert interpreter_beside(str(env / "bin" / name), active) == str(env / "bin" / "python")
    assert interpreter_beside(str(env / "bin" / name), {}) == str(env / "bin" / "python")


def test_the_path_of_a_call_may_be_relative(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(env)
    assert interpreter_beside("bin/pip", {}) == str(env / "bin" / "python")


@pytest.mark.parametrize("name", ["pipfast", "pipx", "__main__.py", ""])
def test_another_name_says_nothing(env: Path, name: str) -> None:
    assert interpreter_beside(str(env / "bin" / name), {}) is None


def test_a_folder_without_a_python_says_nothing(env: Path) -> None:
    put(env / "tools" / "pip")
    assert interpreter_beside(str(env / "tools" / "pip"), {}) is None


def test_elsewhere_an_active_environment_comes_first(env: Path, tmp_path: Path) -> None:
    python = put(tmp_path / "usr" / "bin" / "python3")
    put(tmp_path / "usr" / "bin" / "python")
    program = str(tmp_path / "usr" / "bin" / "pip")
    assert interpreter_beside(program, {}) == python
    assert interpreter_beside(program, {"VIRTUAL_ENV": str(env)}) is None
    assert interpreter_beside(program, {"VIRTUAL_ENV": str(tmp_path / "gone")}) == python


def test_beside_our_own_python_it_is_that() -> None:
    program = str(Path(sys.executable).with_name("pip"))
    assert interpreter_beside(program, {}) == sys.executable


def test_the_option_outranks_the_place(env: Path) -> None:
    program = str(env / "bin" / "pip")
    other = str(env.parent / "other" / "bin" / "python")
    assert settings(["list"], NO_FILES, program).python == str(env / "bin" / "python")
    assert settings(["--python", other, "list"], NO_FILES, program).python == other
    with pytest.raises(CommandError, match="must be placed before"):
        settings(["list", "--python", other], NO_FILES, program)


def test_the_configuration_beside_it_is_read(env: Path) -> None:
    put(env / "pip.conf", "[global]\ntimeout = 3\n")
    program = str(env / "bin" / "pip")
    assert settings(["list"], {"HOME": str(env)}, program).values["timeout"] == 3.0


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pipfast's own virtual environment, as far as paths tell."""
    put(tmp_path / "tool" / "bin" / "python")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "tool"))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "tool" / "bin" / "python"))
    return tmp_path / "tool"


@pytest.mark.parametrize("program", ["tool/bin/pipfast", "links/pipfast", "links/pip"])
def test_an_alias_without_an_active_environment_means_the_first_python_on_path(
    tool: Path, program: str
) -> None:
    python = put(tool.parent / "usr" / "bin" / "python3")
    path = {"PATH": os.pathsep.join([str(tool.parent / "links"), str(Path(python).parent)])}
    found = settings(["list"], NO_FILES | path, str(tool.parent / program))
    assert (found.python, found.is_on_path) == (python, True)


def test_an_active_environment_an_option_or_our_own_place_on_path_comes_before_it(
    tool: Path, env: Path
) -> None:
    usr = str(Path(put(tool.parent / "usr" / "bin" / "python3")).parent)
    program = str(tool / "bin" / "pipfast")
    path = {**NO_FILES, "PATH": usr}
    for active in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        found = settings(["list"], {**path, active: str(env)}, program)
        assert (found.python, found.is_on_path) == (None, False)
    named = settings(["--python", str(env), "list"], path, program)
    assert (named.python, named.is_on_path) == (str(env / "bin" / "python"), False)
    first = {**NO_FILES, "PATH": os.pathsep.join([str(tool / "bin"), usr])}
    assert settings(["list"], first, program).python is None


@pytest.mark.parametrize("program", ["tool/bin/pipfast", "{tool}/pipfast/__main__.py", "pipfast"])
def test_a_relative_path_or_an_interpreter_names_our_own_environment(
    tool: Path, program: str
) -> None:
    path = {**NO_FILES, "PATH": str(Path(put(tool.parent / "usr" / "python3")).parent)}
    assert settings(["list"], path, program.format(tool=tool)).python is None
