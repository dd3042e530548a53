from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path

import pytest

from pipfast.environment import probe
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import (
    OLDEST,
    EnvironmentNotSeen,
    PythonTooOld,
    interpreter,
)
from pipfast.errors import CommandError
from tests.environment.conftest import Memory


def test_an_interpreter_tells_of_itself(virtual: str, memory: Memory) -> None:
    found = interpreter(virtual, memory)
    assert found.version_info == sys.version_info[:3]
    assert found.is_virtual
    assert not found.sees_system_site
    assert found.prefix == str(Path(virtual).parent.parent)
    assert found.scheme.purelib in found.sys_path
    assert found.markers["sys_platform"] == sys.platform
    assert found.tags[-1] == "py30-none-any"


def test_the_probes_own_folder_is_not_on_the_path_it_tells(virtual: str, memory: Memory) -> None:
    assert not any(path.endswith("environment") for path in interpreter(virtual, memory).sys_path)


def test_an_answer_is_remembered(virtual: str, memory: Memory) -> None:
    first = interpreter(virtual, memory)
    assert interpreter(virtual, memory) == first
    assert memory.kept == 1


def test_a_changed_pyvenv_cfg_is_noticed(virtual: str, memory: Memory) -> None:
    assert not interpreter(virtual, memory).sees_system_site
    settings = Path(virtual).parent.parent / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("= false", "= true "))
    assert interpreter(virtual, memory).sees_system_site


def test_a_new_pth_file_is_noticed(virtual: str, memory: Memory, tmp_path: Path) -> None:
    before = interpreter(virtual, memory)
    (tmp_path / "project").mkdir()
    Path(before.scheme.purelib, "project.pth").write_text(str(tmp_path / "project"))
    assert str(tmp_path / "project") in interpreter(virtual, memory).sys_path


def test_pythonpath_is_part_of_the_question(virtual: str, memory: Memory, tmp_path: Path) -> None:
    without = interpreter(virtual, memory, os.environ)
    within = interpreter(virtual, memory, {**os.environ, "PYTHONPATH": str(tmp_path)})
    assert str(tmp_path) not in without.sys_path
    assert str(tmp_path) in within.sys_path


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"asked": 1}', b"\xff"])
def test_a_damaged_entry_is_asked_for_again(virtual: str, memory: Memory, damaged: bytes) -> None:
    first = interpreter(virtual, memory)
    memory.entries = dict.fromkeys(memory.entries, damaged)
    assert interpreter(virtual, memory) == first


@pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX")
def test_a_script_that_starts_a_python_is_asked_each_time(
    virtual: str, memory: Memory, tmp_path: Path
) -> None:
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec {virtual} "$@"\n')
    script.chmod(0o755)
    assert interpreter(str(script), memory).executable == virtual
    assert memory.kept == 0


def test_the_probe_is_read_by_every_python_that_can_be_a_target() -> None:
    ast.parse(Path(probe.__file__).read_text("utf-8"), feature_version=OLDEST)


def test_a_program_that_is_no_python_is_an_error(tmp_path: Path, memory: Memory) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no python >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(CommandError, match=f"Failed to run pip under {program}: no python"):
        interpreter(str(program), memory)


def test_an_environment_that_its_python_does_not_see_is_an_error(
    tmp_path: Path, memory: Memory
) -> None:
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    base = Path(sys.base_prefix, "bin", "python3")
    program.write_text(f'#!/bin/sh\nexec {base} "$@"\n')
    program.chmod(0o755)
    interpreter(str(program), memory)
    (tmp_path / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    with pytest.raises(EnvironmentNotSeen):
        interpreter(str(program), memory)


def test_a_file_that_cannot_be_run_is_pips_error(tmp_path: Path, memory: Memory) -> None:
    program = tmp_path / "python"
    program.write_text("")
    with pytest.raises(CommandError) as error:
        interpreter(str(program), memory)
    assert error.value.message == (
        f"Failed to run pip under {program}: [Errno 13] Permission denied: '{program}'"
    )


def test_the_target_is_first_what_the_option_names(virtual: str, tmp_path: Path) -> None:
    folder = Path(virtual).parent.parent
    assert find(virtual, {}) == virtual
    assert find(str(folder), {}) == virtual
    assert find(str(folder), {"VIRTUAL_ENV": str(tmp_path)}) == virtual


def test_a_name_is_looked_for_on_the_path(virtual: str) -> None:
    folder = str(Path(virtual).parent)
    assert find("python", {"PATH": folder}) == shutil.which("python", path=folder)


@pytest.mark.parametrize("named", ["no-such-python", "./no/such", "tests"])
def test_a_python_that_is_not_there_is_pips_error(named: str, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    named = str(tmp_path / named) if named == "tests" else named
    with pytest.raises(CommandError) as error:
        find(named, {"PATH": str(tmp_path)})
    assert error.value.message == f"Could not locate Python interpreter {named}"


def test_the_target_is_then_the_active_virtual_environment(virtual: str) -> None:
    assert find(None, {"VIRTUAL_ENV": str(Path(virtual).parent.parent)}) == virtual


@pytest.mark.parametrize("active", [sys.prefix, "/no/such/folder"])
def test_the_target_is_else_our_own_interpreter(active: str) -> None:
    assert find(None, {"VIRTUAL_ENV": active}) == sys.executable
    assert find(None, {}) == sys.executable


@pytest.mark.parametrize("version", ["2.7", "3.6"])
def test_an_interpreter_that_is_too_old_is_refused(
    version: str, memory: Memory, tmp_path: Path
) -> None:
    """It does not understand the probe; only its own answer to a simple program tells why."""
    old = tmp_path / "python"
    answer = f'[ "$1" = -c ] && echo {version} || {{ echo "SyntaxError: invalid" >&2; exit 1; }}'
    old.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    old.chmod(0o755)
    with pytest.raises(PythonTooOld) as refused:
        interpreter(str(old), memory)
    assert (refused.value.version, refused.value.oldest) == (version, "3.7")


def test_a_program_that_is_no_interpreter_is_named(memory: Memory) -> None:
    with pytest.raises(CommandError, match="Failed to run pip under"):
        interpreter("/bin/cat", memory)
