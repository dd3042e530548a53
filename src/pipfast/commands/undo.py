"""`pipfast undo`: reverse a change of the environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from pipfast.cli.registry import show_target
from pipfast.commands._own_run import own_run
from pipfast.commands._own_words import OwnWords, own_words
from pipfast.commands._restoration import Restoration, attempt, install_settings
from pipfast.commands.history import chosen
from pipfast.concurrency.interrupts import held, interruptible
from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.changes import Change
from pipfast.model.frozen_dataclass import replace
from pipfast.model.project_names import canonical_name
from pipfast.plan.reversal import latest_to_undo, with_known_files
from pipfast.report import history_lines
from pipfast.report.console import Console
from pipfast.session.change_notes import history_of
from pipfast.session.run_context import RunContext, run_context
from pipfast.session.targets import target_python

JSON, DRY_RUN, KEEP = "--json", "--dry-run", "--keep"


def do(settings: Settings | None, _: Sequence[str], __: Mapping[str, str]) -> int:
    """Undo a change; print the usage without settings."""
    return own_run(settings, history_lines.UNDO_USAGE, _undo, "install")


def _undo(settings: Settings, console: Console) -> int:
    usage = history_lines.UNDO_USAGE
    given = own_words("undo", settings.words, usage)
    if len(given.words) > 1:
        raise CommandError(history_lines.more_than_one())
    if settings.is_on_path:
        show_target(settings)
    line = ("undo", *settings.words)
    settings = replace(install_settings(settings), line=line)
    with held(), run_context(settings, console) as run, interruptible():
        changes = history_of(settings, target_python(run)).changes()
        change = _change(run, given, changes)
        if change is None:
            _print(console, given, None)
            return 0
        _check_kept(change, given)
        earlier = [one for one in changes if one.number < change.number]
        done = _restored(run, with_known_files(change, earlier), given)
    _print(console, given, done)
    return 0


def _change(run: RunContext, given: OwnWords, changes: Sequence[Change]) -> Change | None:
    if not given.words:
        return latest_to_undo(changes)
    return chosen(changes, given.words[0], target_python(run).prefix)


def _check_kept(change: Change, given: OwnWords) -> None:
    """Raise CommandError if ``--keep`` names a project that the change does not concern."""
    names = {one.name for one in change.distributions}
    others = [name for name in given.given(KEEP) if canonical_name(name) not in names]
    if others:
        raise CommandError(history_lines.not_installed(others))


def _restored(run: RunContext, change: Change, given: OwnWords) -> Restoration:
    """Undo the change, or find out what that would do. Raises PipfastError."""
    kept = frozenset(map(canonical_name, given.given(KEEP)))

    def carry_out(restoration: Restoration) -> None:
        restoration.prepare()
        if DRY_RUN not in given.flags:
            restoration.apply()

    return attempt(lambda: Restoration(run, change, kept), carry_out, run.console)


def _print(console: Console, given: OwnWords, done: Restoration | None) -> None:
    if JSON in given.flags:
        steps, number, broken = (done.steps, done.number, done.broken) if done else ((), None, ())
        change = done.change if done else None
        console.print_json(history_lines.undo_json(change, steps, number, broken))
        return
    if done is None:
        console.say(history_lines.NOTHING_TO_UNDO)
    elif not done.steps:
        console.say(history_lines.as_before(done.change))
    else:
        is_plan = DRY_RUN in given.flags
        console.say(
            history_lines.undo_report(done.change, done.steps, done.number, is_plan=is_plan)
        )
        sys.stdout.flush()
