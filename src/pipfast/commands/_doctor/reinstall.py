"""Install distributions again from the wheels that the store keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipfast.commands._doctor.subject import Subject
from pipfast.commands._restoration import Restoration, attempt, install_settings
from pipfast.concurrency.interrupts import held, interruptible
from pipfast.model.changes import Change, DistributionState
from pipfast.model.frozen_dataclass import replace
from pipfast.plan.reversal import Reversal
from pipfast.session.change_notes import history_of, state_of
from pipfast.session.run_context import run_context
from pipfast.store.wheels.unpacked import Archives


def stored_wheels(subject: Subject) -> Mapping[tuple[str, str], DistributionState]:
    """Return the wheels of installed distributions that the store has, by project and version.

    The history has the hash of the wheel that a distribution was installed from.
    """
    if subject.store is None:
        return {}
    found: dict[tuple[str, str], DistributionState] = {}
    for change in history_of(subject.settings, subject.python).changes():
        for one in change.distributions:
            if one.after is not None and not change.in_user_site:
                found[one.name, one.after.version] = one.after
    archives = Archives(subject.store)
    return {
        key: state
        for key, state in found.items()
        if state.digest is not None and archives.get(state.digest) is not None
    }


def reinstall(subject: Subject, projects: Collection[str]) -> None:
    """Install projects again from the store, in one transaction. Raises PipfastError, OSError."""
    stored = stored_wheels(subject)

    def carry_out(restoration: Restoration) -> None:
        steps = []
        for name, one in restoration.begin().installed.items():
            wheel = stored.get((name, one.version))
            if name in projects and wheel is not None:
                former = replace(state_of(one), digest=wheel.digest)
                steps.append(Reversal(name, former, one))
        restoration.steps = tuple(steps)
        restoration.apply()

    settings = replace(install_settings(subject.settings), line=subject.settings.line)
    change = Change(time=0.0, words=(), distributions=())
    with held(), run_context(settings, subject.console) as run, interruptible():
        attempt(lambda: Restoration(run, change, ()), carry_out, run.console)
