"""Types of checks and their functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipfast.commands._doctor.subject import Subject
from pipfast.model.findings import Finding
from pipfast.model.frozen_dataclass import dataclass

Find = Callable[[Subject], Iterable[Finding]]
"""Return what is found. It changes nothing and may raise OSError and PipfastError."""

Mend = Callable[[Subject, Sequence[Finding]], None]
"""Mend what `Find` has found, as far as that is safe. What is mended is not found again."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check; `name` is that of ``--skip`` and ``--only``, `mend` is None if it only finds."""

    name: str
    find: Find
    mend: Mend | None = None
