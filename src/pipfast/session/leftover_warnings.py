"""Scan the installed distributions once, and repeat pip's warnings about leftovers where pip does.

pip scans the environment several times in a run and warns each time of folders that an interrupted
pip left behind (``~name``). pipfast scans once and repeats only the warnings.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.environment.discovery import installed, report_leftovers
from pipfast.environment.events import LeftoverIgnored
from pipfast.environment.interpreter import Interpreter
from pipfast.model.events import Event, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.report.render import load_renderers


@dataclass(frozen=True, slots=True)
class LeftoverWarnings:
    """Repeats the warnings about leftovers in `paths`; `has_leftovers` is whether there are any."""

    paths: Sequence[str]
    python: Interpreter
    emit: Listener
    has_leftovers: bool

    def repeat(
        self, until: str = "", paths: Sequence[str] = (), emit: Listener | None = None
    ) -> None:
        """Emit the warnings of one scan up to the project `until`, of other `paths` if given."""
        if self.has_leftovers:
            report_leftovers(paths or self.paths, self.python, emit or self.emit, until)


def scan_installed(
    paths: Sequence[str], python: Interpreter, emit: Listener
) -> tuple[tuple[Installed, ...], LeftoverWarnings]:
    """Return what is installed in `paths`, and the warnings to repeat.

    Emit what pip emits when it searches for setuptools, whose version it sends to indexes.
    """
    events: list[Event] = []
    present = installed(paths, python, events.append)
    for event in events:
        if not isinstance(event, LeftoverIgnored):
            emit(event)
    has_leftovers = any(isinstance(event, LeftoverIgnored) for event in events)
    if has_leftovers:
        load_renderers("environment")  # before the environment changes
    warnings = LeftoverWarnings(paths, python, emit, has_leftovers)
    warnings.repeat("setuptools")
    return present, warnings
