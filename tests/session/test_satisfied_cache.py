"""When the output of an install that had nothing to do may be repeated, in whole runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.site import Reply, Site, serving
from tests.kit.wheels import wheel

Install = Callable[..., str]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("satisfied")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    (folder / "links").mkdir()
    for built in (wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("dep")):
        (folder / "links" / built.filename).write_bytes(built.content)
    return folder


@pytest.fixture
def install(environment: Path) -> Install:
    def run(words: str, **variables: str) -> str:
        program = [sys.executable, "-m", "pipfast", "--python", str(environment / "env")]
        options = ["--no-index", "--find-links", "links", *words.split()]
        environ = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "HOME": str(environment)}
        done = subprocess.run(
            [*program, "install", *options],
            cwd=environment, env={**environ, **variables}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip().splitlines()[-1]

    run("demo==1.0")
    program = [sys.executable, "-m", "pipfast", "--python", str(environment / "env")]
    subprocess.run([*program, "uninstall", "-q", "-y", "dep"], check=True, capture_output=True)
    return run


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


def satisfied(line: str) -> bool:
    return line.startswith("Requirement already satisfied")


def test_a_file_behind_a_url_is_read_each_time(install: Install, site: Site) -> None:
    site.pages["/r.txt"] = Reply(b"demo\n")
    assert satisfied(install(f"-r {site.base}/r.txt"))
    assert len(site.asked("/r.txt")) == 1
    site.pages["/r.txt"] = Reply(b"demo\ndep\n")
    assert install(f"-r {site.base}/r.txt") == "Successfully installed dep-1.0"


def test_a_file_that_another_names_is_among_the_inputs(install: Install, environment: Path) -> None:
    (environment / "r.txt").write_text("demo\n-r empty.txt\n")
    (environment / "empty.txt").write_text("")
    assert satisfied(install("-r r.txt"))
    (environment / "empty.txt").write_text("dep\n")
    assert install("-r r.txt") == "Successfully installed dep-1.0"


def test_a_variable_in_a_file_is_expanded_each_time(install: Install, environment: Path) -> None:
    (environment / "v.txt").write_text("demo==${WANTED}\n")
    assert satisfied(install("-r v.txt", WANTED="1.0"))
    assert install("-r v.txt", WANTED="2.0") == "Successfully installed demo-2.0"
