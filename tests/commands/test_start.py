from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = frozenset({
    "httpx", "httpcore", "rich", "resolvelib", "packaging", "email", "asyncio", "logging",
    "subprocess",
})  # fmt: skip


@pytest.mark.parametrize("statement", ["import pipfast.main", "import pipfast.commands.entry"])
def test_the_way_in_loads_no_heavy_module(statement: str) -> None:
    program = f"{statement}; import sys; print(*sys.modules)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)


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
