"""What all tests of the fuzz targets share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return to the working directory after each test: targets that read files leave it."""
    monkeypatch.chdir(Path.cwd())
