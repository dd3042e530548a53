from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset({
    "httpx", "httpcore", "rich", "resolvelib", "packaging", "email", "asyncio", "logging",
    "subprocess",
})  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    """Return the modules that are loaded after `statement`, without those of ``site``."""
    program = f"{statement}; import sys; print(*sys.modules)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


@pytest.mark.parametrize("statement", ["import pipfast.main", "import pipfast.cli.dispatch"])
def test_the_way_in_loads_no_heavy_module(statement: str) -> None:
    assert HEAVY.isdisjoint(loaded_by(statement))


def test_a_version_needs_few_modules() -> None:
    loaded = loaded_by("from pipfast.main import main; main(['--version'], 'pipfast')")
    assert {"re", "json", "pathlib", "enum", "typing", "hashlib"}.isdisjoint(loaded)
    assert sum(name.startswith("pipfast") for name in loaded) <= 35


def test_a_resolution_needs_no_modules_of_builds_and_installations() -> None:
    loaded = loaded_by("import pipfast.commands.install")
    unused = ("pipfast.transaction.apply", "pipfast.transaction.journal", "pipfast.builds.builder",
              "pipfast.store.workers.pool", "pipfast.fetch.vcs.git", "pipfast.sources.wheel_builds",
              "pipfast.session.build_env_installer")  # fmt: skip
    assert loaded.isdisjoint(unused)
    assert sum(name.startswith("pipfast") for name in loaded) <= 207


def test_noting_a_resolution_loads_its_own_modules_alone() -> None:
    resolving = loaded_by("import pipfast.commands.install")
    noting = loaded_by("import pipfast.commands.install, pipfast.session.last_resolution")
    assert noting - resolving <= {"pipfast.session.last_resolution", "pipfast.report.redaction"}


@pytest.mark.parametrize(
    "words",
    [
        "list", "list --format json", "list --not-required", "freeze", "show demo", "check",
        "inspect", "config list", "hash demo.txt", "--version",
    ],
)  # fmt: skip
def test_a_look_loads_no_heavy_module(words: str, tmp_path: Path) -> None:
    env = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    info = next(env.rglob("site-packages")) / "demo-1.0.dist-info"
    info.mkdir()
    requires = "Requires-Dist: demo>=0.9; python_version > '3'\nRequires-Dist: x; extra == 'y'\n"
    (info / "METADATA").write_text(f"Name: demo\nVersion: 1.0\n{requires}\n", encoding="utf-8")
    (info / "WHEEL").write_text("Tag: py3-none-any\n", encoding="utf-8")
    (tmp_path / "demo.txt").write_text("", encoding="utf-8")
    program = (
        f"import sys; sys.path[:0] = {sys.path!r}; from pipfast.main import main; "
        "code = main(sys.argv[1:], 'pipfast'); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    cache = {"PIP_CACHE_DIR": str(tmp_path / "cache"), "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-S", "-c", program, "--python", str(env), *words.split()]
    runs = [  # the first one asks the interpreter
        subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **cache},
            cwd=tmp_path,
        )
        for _ in range(2)
    ]
    assert [each.returncode for each in runs] == [0, 0], runs[0].stderr
    assert {*HEAVY, "dataclasses", "typing", "inspect"}.isdisjoint(runs[1].stderr.split())


def test_an_unknown_option_ends_with_usage_and_code_2() -> None:
    command = [sys.executable, "-m", "pipfast", "install", "--no-such-option"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.endswith("\nno such option: --no-such-option\n")


def test_a_closed_standard_output_ends_with_code_120() -> None:
    command = f"{sys.executable} -m pipfast --version; echo code $? >&2"
    shell = f"({command}) | true"
    ended = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() in ("code 0", "ERROR: Pipe to stdout was broken\ncode 120")
