"""``pipfast cache push`` and ``pull``: the store that machines share."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.distribution import Wheel
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.remote_store import remote_store_policy
from pipfast.policy.storage import cache_policy
from pipfast.remote_store.upload import PATIENT, upload
from pipfast.report import remote_lines
from pipfast.report.console import Console
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.run_context import run_context
from pipfast.session.sharing import remote_store
from pipfast.session.targets import resolution_target, target_python
from pipfast.session.unpacked_wheels import wheel_request
from pipfast.store.filesystem.root import opened


def push(settings: Settings, console: Console) -> int:
    """Upload what waits; return 1 if some of it could not be. Raises CommandError."""
    policy = remote_store_policy(settings)
    with opened(cache_policy(settings).directory, console) as store:
        remote = None if policy is None else remote_store(policy, settings, store, console)
        if remote is None:
            raise CommandError(remote_lines.NOT_SET)
        if not remote.place.signer.can_sign:
            raise CommandError(remote_lines.NO_SIGNING_KEY)
        try:
            done = upload(remote, PATIENT)
        finally:
            remote.close()
    if settings.flag("json"):
        console.print_json(remote_lines.pushed_json(done))
    else:
        console.say(remote_lines.pushed_line(done))
    return 1 if done.left else 0


def pull(requirements: Sequence[str], settings: Settings, console: Console) -> int:
    """Resolve requirements, and take the wheels that other machines built for them.

    Return 1 if some have to be built here. Raises PipfastError.
    """
    asked = replace(settings, command="wheel", words=tuple(requirements))
    shown = Console(verbosity=-1) if settings.flag("json") else console
    with signals_as_exceptions(), held(), run_context(asked, shown) as run, interruptible():
        if run.remote is None:
            raise CommandError(remote_lines.NOT_SET)
        target = resolution_target(run, target_python(run))
        with held(), resolved_requirements(run, target) as resolved, interruptible():
            built = [
                each
                for each in resolved.resolution.pins
                if not isinstance(each.node.distribution, Wheel)
            ]
            requests = [wheel_request(each) for each in built]
            found = resolved.distributions.sources.pulled(requests) if requests else []
    named = [(one.spelling, is_here) for one, is_here in zip(requests, found, strict=True)]
    present = [name for name, is_here in named if is_here]
    missing = [name for name, is_here in named if not is_here]
    if settings.flag("json"):
        console.print_json(remote_lines.pulled_json(present, missing))
    else:
        console.say(remote_lines.pulled_line(present, missing))
    return 1 if missing else 0
