"""pip and pipfast offer the same completions at thousands of cursor positions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compat.options.completions import FILES, Case, groups

HERE = Path(__file__).parent
GROUPS = groups()
Answers = dict[Case, tuple[Any, Any]]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Return code and output of both programs for every case, computed in one process."""
    folder = tmp_path_factory.mktemp("completing")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    cases = [case for group in GROUPS.values() for case in group]
    ran = subprocess.run(
        [sys.executable, str(HERE / "completer.py")],
        input=json.dumps(cases),
        env={"PATH": "", "PYTHONPATH": str(HERE.parents[1]), "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(cases, map(tuple, json.loads(ran.stdout)), strict=True))


@pytest.mark.parametrize("group", GROUPS)
def test_a_shell_is_offered_what_pip_offers(group: str, answers: Answers) -> None:
    chosen = {case: answers[case] for case in GROUPS[group]}
    assert any(pip[1].strip() for pip, _ in chosen.values()) or group == "help"
    assert {case: both for case, both in chosen.items() if both[0] != both[1]} == {}
