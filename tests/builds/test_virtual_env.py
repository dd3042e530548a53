"""Build environments that are virtual ones, with ``--use-feature=venv-isolation``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.builds.errors import NoVirtualEnvironment, NoVirtualEnvironments
from pipfast.builds.isolation import BuildEnvironment
from pipfast.builds.processes import ChildProcesses
from pipfast.builds.virtual_env import VirtualEnvironments, is_virtual
from pipfast.errors import Diagnostic
from pipfast.model.frozen_dataclass import replace
from tests.builds.builds import Filling, python
from tests.kit.wheels import wheel

TOOL = wheel("tool", "2.0", files={"tool.py": ""})
OTHER = wheel("other", "1.0", files={"other.py": ""})


@pytest.fixture
def children() -> Iterator[ChildProcesses]:
    made = ChildProcesses()
    yield made
    made.close()


def answer(environment: BuildEnvironment, code: str) -> str:
    """What the environment's Python prints."""
    variables = {**os.environ, **environment.variables}
    words = [environment.python, "-c", code]
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_build_has_a_python_of_its_own_that_sees_what_was_asked_for(
    tmp_path: Path, children: ChildProcesses
) -> None:
    filling = Filling(python(), TOOL, OTHER)
    both = VirtualEnvironments(python(), filling, tmp_path, children).of(
        ["tool"], ["other"], "demo"
    )
    code = "import importlib.util as u, sys; print(sys.prefix, *[bool(u.find_spec(n)) for n in {}])"
    prefix, *sees = answer(both, code.format(["tool", "other", "pytest"])).split()
    assert is_virtual(Path(prefix))
    assert Path(prefix).parent == tmp_path
    assert sees == ["True", "True", "False"]
    assert filling.asked == [("tool",), ("other",)]
    assert Path(both.variables["PATH"].split(os.pathsep)[0]) == Path(both.python).parent
    assert both.beneath is None


@pytest.mark.skipif(os.name != "posix", reason="the interpreter is a script for a shell")
@pytest.mark.parametrize(
    ("script", "fault", "says"),
    [
        ("echo python: No module named venv; exit 1", NoVirtualEnvironments, "venv-import-error"),
        ("echo the disk is full >&2; exit 1", NoVirtualEnvironment, "╰─> the disk is full"),
        ("exit 0", NoVirtualEnvironment, "venv-creation-error"),
    ],
)
def test_where_there_can_be_none_that_is_explained(
    tmp_path: Path, children: ChildProcesses, script: str, fault: type[Diagnostic], says: str
) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\n{script}\n")
    broken.chmod(0o755)
    target = replace(python(), executable=str(broken))
    environments = VirtualEnvironments(target, Filling(target), tmp_path, children)
    with pytest.raises(fault, match=says):
        environments.of([], [], "demo")
