"""Each hint is the one on docs/errors.md, and following it literally makes the run succeed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from compat.errors.cases import CASES, Case
from compat.errors.page import section_of
from compat.errors.world import World, world

NO_ERRORS = "(nothing on standard error)"


def _needs(case: Case) -> None:
    if "<tls>" in case.argv and shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    if case.disk and (sys.platform != "linux" or os.geteuid() != 0):
        pytest.skip("only root can mount a small disk")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_pipfast_says_what_the_page_says(case: Case, tmp_path: Path) -> None:
    _needs(case)
    with world(tmp_path / "world", case) as stage:
        outcome = stage.run("pipfast", case.argv)
        assert (outcome.errors or NO_ERRORS) == section_of(case)
        _compare_in_parity_mode(case, stage)


def _compare_in_parity_mode(case: Case, stage: World) -> None:
    """Without a terminal, parity mode prints no hint that pip does not print."""
    outcome = stage.run("pipfast", case.argv, {"PIPFAST_PIP_COMPAT": "1"})
    hints = [line for line in outcome.errors.splitlines() if line.startswith("hint: ")]
    assert hints in ([], ["hint: See above for details."])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_following_the_hint_makes_the_run_succeed(case: Case, tmp_path: Path) -> None:
    _needs(case)
    with world(tmp_path / "world", case.after()) as stage:
        outcome = stage.run("pipfast", case.follow, case.follow_environ, case.follow_files)
        assert outcome.code == 0, outcome.errors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_followed_is_in_the_hint(case: Case) -> None:
    hint = " ".join(section_of(case).split())
    if case.mended:
        return
    words = set(case.follow.split()) - set(case.argv.split()) - {"install"}
    words -= {"<certificate>", "<main>", "<tls>", *(word for word in words if "://" in word)}
    words |= {name for name, value in case.follow_environ.items() if value}
    assert [word for word in words if word not in hint] == []


def test_there_are_at_least_twelve_failures() -> None:
    assert len(CASES) >= 12
    assert all(section_of(case) for case in CASES)
