"""A full disk is reported with its folder and the space that is left."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from pipfast.cli.exit_codes import end
from pipfast.report.console import Console
from tests.policy.settings_of import settings_of


@pytest.mark.parametrize(("compat", "hints"), [("0", True), ("1", False)])
def test_a_full_disk_is_named(
    compat: str, *, hints: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "absent" / "file"
    fault = OSError(errno.ENOSPC, "No space left on device", str(path))
    settings = settings_of("install demo", PIPFAST_PIP_COMPAT=compat)
    assert end(fault, settings, Console(), ([], {})) == 1
    shown = capsys.readouterr().err
    assert "No space left on device" in shown
    pattern = rf"hint: the disk of {re.escape(str(tmp_path))} has [\d.]+ \w+ left; free space"
    assert bool(re.search(pattern, shown)) is hints
