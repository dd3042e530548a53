"""A sample of faults at file-system calls; ``python -m compat.faults run`` tries all of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from compat.faults.shim import NoCompilerError, compiler

STRIDE = 1009
"""One in this many of the 97,000 fault points is tried."""


def test_a_fault_at_a_call_leaves_the_old_or_the_new_environment() -> None:
    try:
        compiler()
    except NoCompilerError as error:
        pytest.skip(str(error))
    words = [sys.executable, "-m", "compat.faults", "run", "--stride", str(STRIDE), "--jobs", "2"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " faults (" in ended.stdout
