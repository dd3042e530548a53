"""Runs that are hit at their file-system calls; ``python -m compat.faults run`` tries all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from compat.faults.shim import NoCompilerError, compiler

STRIDE = 1009
"""Every how many of the 90,000 points one is tried."""


def test_a_run_that_is_hit_at_a_call_leaves_nothing_half() -> None:
    try:
        compiler()
    except NoCompilerError as error:
        pytest.skip(str(error))
    words = [sys.executable, "-m", "compat.faults", "run", "--stride", str(STRIDE), "--jobs", "2"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " faults (" in ended.stdout
