"""Note in the store how a command has changed an environment, for `history` and `undo`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence

from pipfast.config.pipfast_settings import NOTED_COMMAND
from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.model.installed_distribution import Installed
from pipfast.plan.steps import Install, Remove, Replace, Step, WheelToInstall
from pipfast.policy.storage import cache_policy
from pipfast.report.redaction import redacted_words, secrets_in, without_account, without_password
from pipfast.store.change_history import ChangeHistory
from pipfast.store.filesystem.entries import entries

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from pipfast.session.install_stage import ArchiveByName
    from pipfast.session.targets import InstallTarget
    from pipfast.store.wheels.manifest import Archive


def history_of(settings: Settings, python: Interpreter) -> ChangeHistory:
    """Return the history of the environment of `python`; it is empty without a cache."""
    return ChangeHistory(entries(cache_policy(settings).directory), python.scheme.purelib)


def note_steps(
    settings: Settings,
    target: InstallTarget,
    steps: Iterable[Step],
    archives: ArchiveByName,
    undoes: int | None = None,
) -> int | None:
    """Note the steps of a transaction; return the number of the note.

    None if the store cannot be written, or if what was changed is the folder of ``--target``,
    ``--prefix`` or ``--root``.
    """
    if target.placement.elsewhere:
        return None
    changes = tuple(_change(step, archives) for step in steps)
    return _note(settings, target.python, changes, undoes, in_user_site=target.placement.user)


def note_removals(settings: Settings, python: Interpreter, removed: Sequence[Installed]) -> None:
    """Note removals; those in the user's site-packages are a change of their own."""
    for in_user_site in (False, True):
        changes = tuple(
            DistributionChange(state_of(each), None)
            for each in removed
            if each.in_user_site is in_user_site
        )
        if changes:
            _note(settings, python, changes, None, in_user_site=in_user_site)


def state_of(installed: Installed) -> DistributionState:
    """Return what a note says of an installed distribution, whose file is not known."""
    return DistributionState(
        name=installed.raw_name,
        version=installed.version,
        requested=installed.requested,
        direct_url=installed.direct_url and without_password(installed.direct_url),
        editable=installed.editable,
    )


def _note(
    settings: Settings,
    python: Interpreter,
    changes: tuple[DistributionChange, ...],
    undoes: int | None,
    *,
    in_user_site: bool,
) -> int | None:
    secrets = secrets_in(os.environ, _texts(settings))
    noted = os.environ.get(NOTED_COMMAND)
    line = noted.split("\n") if noted else settings.line
    change = Change(
        time=time.time(),
        words=tuple(redacted_words(line, secrets)),
        distributions=changes,
        in_user_site=in_user_site,
        undoes=undoes,
    )
    return history_of(settings, python).add(change)


def _texts(settings: Settings) -> Iterator[str]:
    """Yield the values of options, which may contain secrets."""
    for value in settings.values.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, str))


def _change(step: Step, archives: ArchiveByName) -> DistributionChange:
    match step:
        case Install(incoming):
            return DistributionChange(None, _incoming(incoming, archives[incoming.name]))
        case Replace(incoming, outgoing):
            after = _incoming(incoming, archives[incoming.name])
            before = state_of(outgoing) if outgoing.local or outgoing.in_user_site else None
            return DistributionChange(before, after)
        case Remove(outgoing):
            return DistributionChange(state_of(outgoing), None)


def _incoming(wheel: WheelToInstall, archive: Archive) -> DistributionState:
    return DistributionState(
        name=wheel.spelling,
        version=wheel.version,
        requested=wheel.requested,
        digest=os.path.basename(archive.folder),  # noqa: PTH119 - start-up
        url=without_account(wheel.link.url),
        direct_url=wheel.direct_url and without_password(wheel.direct_url),
    )
