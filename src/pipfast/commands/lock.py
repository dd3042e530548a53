"""`pip lock`: write a lock file with what would be installed into an empty environment."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.pylock import is_valid_pylock_path

from pipfast.commands._errors import LockFileNotWritten
from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.config.settings import Settings
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level
from pipfast.model.requirement import parsed_version
from pipfast.plan.diff import TargetEnvironment
from pipfast.policy.selection import Existing
from pipfast.report import lock_lines
from pipfast.report.console import Console
from pipfast.report.pylock_writer import Pin, lock_text
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.direct_urls import origin_of
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.plain_files import verify_required_hashes
from pipfast.session.planned_installs import plan_installs
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import run_context
from pipfast.session.targets import emit_version_line, resolution_target, target_python

_STDOUT = "-"
_EMPTY = TargetEnvironment(
    installed={}, existing=Existing.IGNORE, into_user_site=False, virtual=False
)


def command(settings: Settings, console: Console) -> int:
    """Resolve what the settings request and write the lock file.

    Raises PipfastError; NotNative before anything was printed or written.
    """
    with signals_as_exceptions(), held(), run_context(settings, console) as run, interruptible():
        python = target_python(run)
        emit_version_line(run, python)
        console.say(lock_lines.EXPERIMENTAL, Level.WARNING)
        target = resolution_target(run, python)
        with held(), resolved_requirements(run, target) as resolved, interruptible():
            planned = plan_installs(resolved, _EMPTY, console)
            verify_required_hashes([each.pin for each in planned], resolved, console)
            output = settings.text("output_file") or ""
            if output != _STDOUT and not is_valid_pylock_path(Path(output)):
                console.say(lock_lines.invalid_name(Path(output)), Level.WARNING)
            folder = Path() if output == _STDOUT else Path(output).parent
            text = lock_text([_pin(each.pin, resolved) for each in planned], folder)
    _write(text, output)
    return 0


def _pin(pin: PinnedCandidate, resolved: Resolved) -> Pin:
    distribution, metadata = pin.node.distribution, pin.node.metadata
    return Pin(
        name=metadata.canonical_name,
        version=parsed_version(metadata.version),
        origin=origin_of(pin, resolved),
        direct=pin.install_req.link is not None,
        is_wheel=isinstance(distribution, Wheel),
    )


def _write(text: str, output: str) -> None:
    if output == _STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise LockFileNotWritten(error) from None
