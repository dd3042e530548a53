"""`pipfast parity`, with both programs at work on a folder of wheels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.wheels import wheel

FILES = (wheel("demo", "1.0"), wheel("demo", "2.0", "dep"), wheel("dep", "1.0"))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for file in FILES:
        (tmp_path / file.filename).write_bytes(file.content)
    return tmp_path


def parity(here: Path, line: str, *before: str) -> subprocess.CompletedProcess[str]:
    """Run ``parity`` in `here`; `before` is Python that both programs run first."""
    (here / "sitecustomize.py").write_text("\n".join(before))
    environ = {"PATH": os.defpath, "HOME": str(here), "PIP_CONFIG_FILE": os.devnull}
    environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(here), "PYTHONPATH": str(here)}
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "pipfast", "parity", *line.split()],
        cwd=here,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("line", ["demo --ignore-installed", "download -d x demo"])
def test_equal_results_end_with_0_and_leave_nothing(here: Path, line: str) -> None:
    before = {*here.iterdir(), here / "sitecustomize.py"}
    ended = parity(here, line)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("(mode: guarded) give the same result: 2 distributions\n")
    assert {path for path in here.iterdir() if path.name != ".cache"} == before


def test_different_results_end_with_1_and_the_differences(here: Path) -> None:
    hides = (
        "import sys",
        "if 'pipfast' in sys.orig_argv and 'install' in sys.orig_argv:",
        "    if 'parity' not in sys.orig_argv: sys.argv += ['demo<2']",
    )
    ended = parity(here, "install demo --ignore-installed", *hides)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[1:] == [
        "  demo: pip selects 2.0, pipfast selects 1.0",
        "  dep: pip selects 1.0, pipfast does not select it",
    ]
    assert ended.stderr.endswith("; for pip's results, set PIPFAST_PIP_COMPAT=1\n")


def test_equal_failures_end_with_0(here: Path) -> None:
    ended = parity(here, "demo>3")
    assert ended.returncode == 0
    assert ended.stdout.endswith(
        "fail with the same error: ERROR: No matching distribution found for demo>3\n"
    )


def test_commands_that_resolve_nothing_are_not_compared(here: Path) -> None:
    ended = parity(here, "uninstall demo")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "does not compare 'uninstall'" in ended.stderr
