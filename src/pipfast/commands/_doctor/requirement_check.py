"""Requirements of installed distributions that are not met, as `check` finds them."""

from __future__ import annotations

from collections.abc import Iterator

from pipfast.commands._check_full import broken_requirements
from pipfast.commands._doctor.subject import Subject
from pipfast.commands.check import unsupported
from pipfast.model.findings import Finding, RequirementBroken
from pipfast.report.console import Console


def find(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each line that `check` prints."""
    python = subject.python
    lines, _ = broken_requirements(subject.installed, python.markers, Console(verbosity=-3))
    yield from map(RequirementBroken, lines)
    yield from map(RequirementBroken, unsupported(subject.installed, frozenset(python.tags)))
