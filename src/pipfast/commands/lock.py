"""`pip lock`: what would be installed into an empty environment, as a lock file."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.pylock import is_valid_pylock_path
from packaging.version import Version

from pipfast.config.settings import Settings
from pipfast.errors import PipfastError
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level
from pipfast.plan.diff import Surroundings
from pipfast.policy.selection import Existing
from pipfast.report.console import Console
from pipfast.report.pylock_writer import Pin, lock_text
from pipfast.resolve.solve import Chosen
from pipfast.session.direct_urls import origin_of
from pipfast.session.install_stage import find_arrivals
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import emit_version_line, resolution_target, target_python

EXPERIMENTAL = (
    "pip lock is currently an experimental command. It may be removed/changed in a future release "
    "without prior warning."
)
STDOUT = "-"
NOTHING_THERE = Surroundings(
    installed={}, existing=Existing.IGNORE, into_user_site=False, virtual=False
)


def command(settings: Settings, console: Console) -> int:
    """Lock what the settings ask for.

    Raises PipfastError; NotNative before anything was said or written.
    """
    with run_context(settings, console) as run:
        python = target_python(run)
        emit_version_line(run, python)
        console.say(EXPERIMENTAL, Level.WARNING)
        target = resolution_target(run, python)
        with resolved_requirements(run, target) as found:
            coming = find_arrivals(found, NOTHING_THERE, console)
            place = settings.text("output_file") or ""
            if place != STDOUT and not is_valid_pylock_path(Path(place)):
                console.say(f"{Path(place)} is not a valid lock file name.", Level.WARNING)
            folder = Path() if place == STDOUT else Path(place).parent
            text = lock_text([_pin(one.chosen, found) for one in coming], folder)
    _write(text, place)
    return 0


def _pin(chosen: Chosen, found: Resolved) -> Pin:
    distribution = chosen.node.distribution
    return Pin(
        name=chosen.node.metadata.canonical_name,
        version=Version(chosen.node.metadata.version),
        origin=origin_of(chosen, found),
        direct=chosen.ask.link is not None,
        is_wheel=isinstance(distribution, Wheel),
    )


def _write(text: str, place: str) -> None:
    if place == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise PipfastError(f"Could not write the lock file: {error}") from None
