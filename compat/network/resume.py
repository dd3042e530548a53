"""Continue a long run of pytest: tests that a file lists have passed and are not run again."""

from __future__ import annotations

from pathlib import Path

import pytest


class Resume:
    """A plugin for pytest that adds the tests that pass to a file, one a line."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def passed(self) -> list[str]:
        """Return the tests that have passed."""
        return self._file.read_text().splitlines() if self._file.exists() else []

    def arguments(self, folder: Path) -> list[str]:
        """Return arguments that leave these tests out; a command line is too short for them."""
        listed = folder / "passed"
        listed.write_text("".join(f"--deselect={test}\n" for test in self.passed()))
        return [f"@{listed}"]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that has passed, at once: the run may be cut at any time."""
        if report.when == "call" and report.passed:
            with self._file.open("a") as lines:
                lines.write(f"{report.nodeid}\n")
