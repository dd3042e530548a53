"""Failing files are requested, and failing hooks called, as often as by pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compat.kit.index import Fault, Index, Listed, Sidecar, index
from compat.kit.server import IndexServer
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import Built, wheel

DEMO, SDIST = wheel("demo", "1.0"), project("demo", "1").sdist()


def failing(file: Built, status: int) -> Index:
    """Return an index whose only distribution cannot be downloaded."""
    return index(Listed(file=file, fault=Fault(status=status), sidecar=Sidecar.ABSENT), BACKEND)


INDEXES = {
    "a-wheel-403": failing(DEMO, 403),
    "a-wheel-503": failing(DEMO, 503),
    "an-sdist-403": failing(SDIST, 403),
    "an-sdist-503": failing(SDIST, 503),
    "a-page-500": index(DEMO, pages={"demo": Fault(status=500)}),
    "a-dependency-404": index(
        wheel("demo", "1.0", "dep"),
        Listed(file=project("dep", "1").sdist(), fault=Fault(status=404)), BACKEND,
    ),
}  # fmt: skip


def run(
    program: str,
    place: Path,
    server: IndexServer,
    cache: str,
    command_line: str = "install --dry-run demo",
    **more: str,
) -> tuple[int, list[str]]:
    """Return exit code and requests of a command with an empty cache."""
    server.reset()
    index_url = f"{server.root('main')}/simple"
    words = [*command_line.split(), "--retries", "1", "-i", index_url]
    environ = {**os.environ, "PIP_CACHE_DIR": str(place / cache), **more}
    command = [sys.executable, "-m", program, "--python", str(place / "env"), *words]
    done = subprocess.run(command, capture_output=True, check=False, env=environ, cwd=place)
    return done.returncode, sorted(server.record.lines)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment."""
    folder = tmp_path_factory.mktemp("counts")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    return folder


@pytest.mark.parametrize("name", INDEXES)
def test_what_fails_is_requested_as_often_as_by_pip(name: str, place: Path) -> None:
    with IndexServer([INDEXES[name]]) as server:
        expected = run("pip", place, server, f"pip-{name}")
        assert expected[0] == 1
        for mode in ("false", "true"):
            found = run("pipfast", place, server, f"{mode}-{name}", PIPFAST_PIP_COMPAT=mode)
            assert found == expected


@pytest.mark.parametrize("fault", [Fault(delay=0.3), Fault(status=403)], ids=["slow", "403"])
@pytest.mark.parametrize("sidecar", [Sidecar.OFFERED, Sidecar.ABSENT], ids=["sidecar", "wheel"])
def test_a_file_whose_hash_only_the_user_states_is_requested_once(
    sidecar: Sidecar, fault: Fault, place: Path
) -> None:
    (place / "r.txt").write_text(f"demo==1.0 --hash=sha256:{DEMO.sha256}\n", encoding="utf-8")
    served = index(Listed(file=DEMO, fault=fault, sidecar=sidecar, digest=""))
    with IndexServer([served]) as server:
        answers = []
        for program in ("pip", "pipfast"):
            own = f"{program}-{fault.status}-{sidecar.name}"
            answers.append(run(program, place, server, own, f"download -d d-{own} -r r.txt"))
        expected, found = answers
        wanted = [line for line in found[1] if ".metadata" not in line]
        assert (found[0], wanted) == expected


@pytest.mark.parametrize("sidecar", [Sidecar.OFFERED, Sidecar.ABSENT], ids=["sidecar", "wheel"])
@pytest.mark.parametrize(
    "command_line",
    ["install --dry-run", "install --target to", "download -d to", "wheel -w to", "lock -o -"],
)
def test_without_dependencies_nothing_of_them_is_requested(
    command_line: str, sidecar: Sidecar, place: Path
) -> None:
    slow = Listed(file=wheel("demo", "1.0", "dep"), fault=Fault(delay=0.5), sidecar=sidecar)
    with IndexServer([index(slow, wheel("dep", "1.0", "far"), wheel("far"))]) as server:
        found = []
        for program in ("pip", "pipfast"):
            shutil.rmtree(place / "to", ignore_errors=True)
            cache = f"{program}-{command_line}-{sidecar.name}"
            found.append(run(program, place, server, cache, f"{command_line} --no-deps demo"))
        assert found[0][0] == 0
        assert found[1] == found[0]


@pytest.mark.parametrize(
    "hook", ["get_requires_for_build_wheel", "prepare_metadata_for_build_wheel"]
)
def test_a_failing_hook_is_called_once(hook: str, place: Path) -> None:
    calls = place / f"calls-{hook}"
    counter = place / f"count-{hook}"
    counter.write_text(f"#!/bin/sh\necho call >> {calls}\nexit 1\n", encoding="utf-8")
    counter.chmod(0o755)
    broken = project("demo", "1", backend={"runs": {hook: [str(counter)]}}).sdist()
    with IndexServer([index(broken, BACKEND)]) as server:
        assert run("pipfast", place, server, hook)[0] == 1
    assert calls.read_text(encoding="utf-8").split() == ["call"]
