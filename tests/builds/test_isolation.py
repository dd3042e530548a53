from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipfast.builds.errors import BuildRequirementsFailed
from pipfast.builds.isolation import BuildEnvironment, BuildEnvironments, FilledPrefix
from pipfast.builds.pyproject import VisiblePaths
from tests.builds.builds import Filling, python
from tests.kit.projects import written
from tests.kit.wheels import wheel

TOOL = wheel("tool", "2.0", files={"tool.py": "", "tool.pth": "import sys; sys.log = 'by pth'\n"})
OTHER = wheel("other", "1.0+local", files={"other.py": ""})


@pytest.fixture
def filling() -> Filling:
    return Filling(python(), TOOL, OTHER)


@pytest.fixture
def environments(tmp_path: Path, filling: Filling) -> BuildEnvironments:
    return BuildEnvironments(python(), filling, tmp_path)


def answer(environment: BuildEnvironment, code: str) -> str:
    """What the environment's Python prints."""
    variables = {**os.environ, **environment.variables}
    words = [environment.python, "-c", code]
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_build_sees_its_requirements_and_nothing_of_the_target(
    environments: BuildEnvironments,
) -> None:
    isolated = environments.of(["tool"], [], "demo")
    code = "import importlib.util as u, sys; print([bool(u.find_spec(n)) for n in {!r}], sys.log)"
    assert answer(isolated, code.format(["tool", "pytest", "json"])) == "[True, False, True] by pth"
    assert answer(environments.target(), "import pytest; print('there')") == "there"


def test_what_a_build_sees_beside_its_own_lies_behind_it(
    environments: BuildEnvironments, filling: Filling, tmp_path: Path
) -> None:
    seen = written(tmp_path / "seen", {"tool.py": "raise SystemExit\n", "more.py": "HERE = 1\n"})
    sees = VisiblePaths((str(seen),), (str(tmp_path / "bin"),))
    opened = environments.of(["tool"], [], "demo", sees)
    assert answer(opened, "import tool, more; print(more.HERE)") == "1"
    assert opened.variables["PATH"].split(os.pathsep)[1] == str(tmp_path / "bin")
    isolated = environments.of(["tool"], [], "demo")
    code = "import importlib.util as u; print(bool(u.find_spec('more')))"
    assert answer(isolated, code) == "False"
    assert filling.asked == [("tool",)]


def test_programs_of_build_requirements_are_found_first(environments: BuildEnvironments) -> None:
    path = environments.of(["tool"], ["other"], "demo").variables["PATH"].split(os.pathsep)
    assert [Path(folder).parent.name for folder in path[:2]] == ["overlay", "normal"]
    assert path[2:] == os.environ["PATH"].split(os.pathsep)


def test_what_a_backend_asks_for_lies_over_what_was_stated(environments: BuildEnvironments) -> None:
    both = environments.of(["tool"], ["other"], "demo")
    assert answer(both, "import tool, other; print('both')") == "both"
    static = environments.of(["tool"], [], "demo")
    assert both.folders[: len(static.folders)] == static.folders


def test_the_same_requirements_share_an_environment_in_any_order(
    environments: BuildEnvironments, filling: Filling
) -> None:
    found = []
    threads = [
        threading.Thread(
            target=lambda asked: found.append(environments.of(asked, [], "")), args=[a]
        )
        for a in (["tool", "other"], ["other", "tool"], ["tool", "other"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filling.asked) == 1
    assert found[0] is found[1] is found[2]


def test_nothing_is_installed_where_nothing_is_asked_for(
    environments: BuildEnvironments, filling: Filling
) -> None:
    bare = environments.of([], [], "demo")
    assert filling.asked == []
    assert answer(bare, "import importlib.util as u; print(u.find_spec('pytest'))") == "None"


def test_a_failure_is_everybodys_who_wants_the_environment(environments: BuildEnvironments) -> None:
    for _ in range(2):
        with pytest.raises(BuildRequirementsFailed) as caught:
            environments.of(["no-such-thing"], [], "demo")
        assert caught.value.output == ("ERROR: No matching distribution found for no-such-thing",)


def test_requirements_that_come_to_the_same_share_an_environment(
    filling: Filling, tmp_path: Path
) -> None:
    first: list[FilledPrefix] = []

    def fill(requirements: Sequence[str], prefix: Path, whose: str) -> FilledPrefix:
        first.append(first[0] if first else filling(requirements, prefix, whose))
        return first[0]

    shared = BuildEnvironments(python(), fill, tmp_path)
    assert shared.of(["tool"], [], "demo") is shared.of(["tool>1"], [], "other")
    assert len(first) == 2


def test_a_circle_of_build_requirements_is_an_error(tmp_path: Path) -> None:
    def fill(requirements: Sequence[str], prefix: Path, whose: str) -> FilledPrefix:
        circular.of(requirements, [], whose)
        return FilledPrefix(prefix)

    circular = BuildEnvironments(python(), fill, tmp_path)
    with pytest.raises(BuildRequirementsFailed) as caught:
        circular.of(["demo"], [], "demo")
    assert caught.value.output == ("ERROR: demo is already being built",)


@pytest.mark.parametrize(
    ("asked", "conflicts", "missing"),
    [
        ([], [], []),
        (["Tool>=1", "other==1.0"], [], []),
        (["tool<2", "third>1"], [("tool==2.0", "tool<2")], ["third>1"]),
        (["third; python_version < '3'", "third; extra == 'x'"], [], []),
        (["other!=1.0+local"], [("other==1.0+local", "other!=1.0+local")], []),
    ],
)
def test_an_environment_knows_what_it_contradicts_and_what_it_lacks(
    environments: BuildEnvironments,
    asked: list[str],
    conflicts: list[tuple[str, str]],
    missing: list[str],
) -> None:
    there = environments.of(["tool", "other"], [], "demo")
    assert there.disagreements(asked, python()) == (conflicts, missing)


def test_the_folders_of_the_target_are_hidden_with_what_they_add(
    environments: BuildEnvironments,
) -> None:
    code = "import sys; print(*sys.path, sep='\\n')"
    seen = set(answer(environments.of([], [], "demo"), code).splitlines())
    usual = set(answer(environments.target(), code).splitlines())
    assert not set(python().site_folders) & seen
    assert {path for path in usual if path.endswith("lib-dynload")} <= seen
