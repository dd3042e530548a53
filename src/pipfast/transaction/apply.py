"""Carry out a plan in one transaction: all of its steps, or none.

1. Stage: new files are written completely into folders of the transaction.
2. Commit: old files are moved into the transaction's folder and new ones into place, with few
   renames, each recorded in the journal before.
3. Clean up: the old files are removed.

No module is imported between the first and the last change of the environment, since it could be
only partly installed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing

from packaging.utils import NormalizedName

from pipfast.concurrency.interrupts import held, interruptible, signals_as_exceptions
from pipfast.errors import Diagnostic
from pipfast.model.events import Event, Listener, Phase, indented, silent
from pipfast.model.events import Stage as Progress
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.plan.steps import Install, Plan, Remove, Replace, Step, WheelToInstall
from pipfast.store.filesystem.owned_names import sweep
from pipfast.store.wheels.manifest import Archive
from pipfast.store.workers.pool import WorkerPool
from pipfast.store.workers.protocol import WRAPPER
from pipfast.transaction.environment_lock import locked
from pipfast.transaction.environment_look import EnvironmentLook
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import (
    AttemptingUninstall,
    BytecodeCompiled,
    FilesReplaced,
    FoundInstallation,
    ScriptMadeExecutable,
)
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.merge import merge_into_target, merge_tree
from pipfast.transaction.recovery import recover
from pipfast.transaction.removal_summary import removal_messages
from pipfast.transaction.scripts import not_on_path
from pipfast.transaction.settlement import project_of
from pipfast.transaction.shared_files import RemainingFiles
from pipfast.transaction.staging import StagedTree, StagingArea, stage
from pipfast.transaction.swap import swap
from pipfast.transaction.transaction import Transaction, existing_folder, run_transaction
from pipfast.transaction.uninstall import move_out
from pipfast.transaction.uninstall_paths import UninstallPaths, uninstall_paths
from pipfast.transaction.wheel_layout import Layout, lay_out


@dataclass(frozen=True, slots=True)
class Outcome:
    """The distributions that were installed and removed."""

    installed: tuple[WheelToInstall, ...] = ()
    removed: tuple[Installed, ...] = ()


@dataclass(frozen=True, slots=True)
class _PreparedStep:
    """A step with the layout of what it installs and the paths of what it uninstalls."""

    step: Step
    layout: Layout | None
    uninstall: UninstallPaths | None
    removals: Sequence[Event] = ()


def apply(
    plan: Plan,
    archives: Mapping[NormalizedName, Archive],
    environment: InstallEnvironment,
    workers: WorkerPool,
    emit: Listener,
    *,
    look: EnvironmentLook | None = None,
) -> Outcome:
    """Carry out all steps of `plan`, or none.

    `archives` has the archive of each incoming distribution, with bytecode if `environment` wants
    it. `look` is what the plan was made from. Raises before the environment is changed:
    InstallationError for a wheel that cannot be installed, OSError if files cannot be written,
    StaleArchives if files of the store have changed, EnvironmentChanged if `look` is outdated.
    """
    with signals_as_exceptions(), existing_folder(environment.root) as created:
        recover(environment)  # reported when the plan was made; now it makes `look` outdated
        sweep(environment.root)
        with locked(environment.root):
            _check_is_current(look)
            steps = [_prepare(step, archives, environment, emit) for step in plan.steps]
            steps = _guarded(steps, environment)
            if environment.explains:
                steps = [_explained(step) for step in steps]
            replaced: list[str] = []
            run_transaction(
                environment,
                created,
                lambda transaction: _stage(steps, transaction, workers, emit),
                lambda transaction, area: _change(steps, area, transaction, emit, replaced),
                emit,
            )
    _report(steps, environment, emit)
    _report_replaced(steps, replaced, environment, emit)
    uninstalls = [step.uninstall for step in steps if step.uninstall]
    return Outcome(
        tuple(each.step.incoming for each in steps if not isinstance(each.step, Remove)),
        tuple(uninstall.installed for uninstall in uninstalls if uninstall.present),
    )


def remove(
    uninstalls: Sequence[UninstallPaths],
    environment: InstallEnvironment,
    emit: Listener = silent,
    *,
    look: EnvironmentLook | None = None,
) -> None:
    """Remove the files of distributions: all of them, or none.

    `look` is what was seen when they were chosen. Raises OSError, and EnvironmentChanged if `look`
    is outdated.
    """
    with signals_as_exceptions(), existing_folder(environment.root) as created:
        recover(environment)  # reported when the plan was made; now it makes `look` outdated
        with locked(environment.root):
            _check_is_current(look)
            run_transaction(
                environment,
                created,
                lambda _: None,
                lambda transaction, _: move_out(uninstalls, transaction),
                emit,
            )


def _check_is_current(look: EnvironmentLook | None) -> None:
    if look is not None and not look.is_current():
        raise EnvironmentChanged


def _prepare(
    step: Step,
    archives: Mapping[NormalizedName, Archive],
    environment: InstallEnvironment,
    emit: Listener,
) -> _PreparedStep:
    layout = None
    if isinstance(step, Install | Replace):
        layout = lay_out(archives[step.incoming.name], step.incoming, environment, emit)
    if isinstance(step, Install):
        return _PreparedStep(step, layout, None)
    try:
        uninstall = uninstall_paths(step.outgoing, environment)
    except Diagnostic:  # the lines that pip prints before this error
        _announce_uninstall(step, emit)
        raise
    return _PreparedStep(step, layout, uninstall)


def _announce_uninstall(step: Replace | Remove, emit: Listener) -> None:
    found = FoundInstallation(step.outgoing.raw_name, step.outgoing.raw_version)
    if isinstance(step, Replace):
        emit(AttemptingUninstall(step.incoming.spelling, depth=1))
        indented(indented(emit))(found)
    else:
        emit(found)


def _guarded(
    steps: Sequence[_PreparedStep], environment: InstallEnvironment
) -> list[_PreparedStep]:
    """Take the files of other distributions out of what is removed."""
    uninstalls = [each.uninstall for each in steps if each.uninstall]
    remaining = RemainingFiles(environment, [each.installed.info for each in uninstalls])
    return [
        replace(each, uninstall=each.uninstall and remaining.without_shared(each.uninstall))
        for each in steps
    ]


def _explained(step: _PreparedStep) -> _PreparedStep:
    """Return the step with messages about what it removes, which is there no more afterwards."""
    if step.uninstall is None or not step.uninstall.present:
        return step
    return replace(step, removals=removal_messages(step.uninstall))


def _change(
    steps: Sequence[_PreparedStep],
    area: StagingArea,
    transaction: Transaction,
    emit: Listener,
    replaced: list[str],
) -> None:
    """Move old files out and new ones in; `replaced` receives the files that were in the way."""
    uninstalls = [step.uninstall for step in steps if step.uninstall]
    if transaction.environment.target is not None:
        move_out(uninstalls, transaction)
        merge_into_target(area.trees[0].staged, transaction, emit)
        return
    order = {layout.info: at for at, layout in enumerate(_layouts(steps))}
    swapped = swap(uninstalls, area.trees[::-1], order, transaction)
    if swapped is not None:
        replaced += swapped
        return
    move_out(uninstalls, transaction)
    for tree in reversed(area.trees):
        replaced += merge_tree(tree, order, transaction)


def _report_replaced(
    steps: Sequence[_PreparedStep],
    replaced: Sequence[str],
    environment: InstallEnvironment,
    emit: Listener,
) -> None:
    """Report files of other projects that were replaced (pip does so silently)."""
    if replaced:
        library = environment.scheme.purelib, environment.scheme.platlib
        own = [os.path.join(each, layout.info) for each in library for layout in _layouts(steps)]
        projects = {project_of(layout.info) for layout in _layouts(steps)}
        found = RemainingFiles(environment, own).owners_of(set(map(_resolved, replaced)))
        owners = {path: info for path, info in found.items() if project_of(info) not in projects}
        if owners:
            emit(FilesReplaced(tuple(sorted(set(owners.values()))), tuple(sorted(owners))))


def _resolved(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _layouts(steps: Sequence[_PreparedStep]) -> list[Layout]:
    return [step.layout for step in steps if step.layout]


def _stage(
    steps: Sequence[_PreparedStep], transaction: Transaction, workers: WorkerPool, emit: Listener
) -> StagingArea:
    environment = transaction.environment
    scheme = environment.scheme
    roots = [scheme.data]
    if environment.target is None:
        roots = [scheme.purelib, scheme.platlib, scheme.scripts, scheme.headers, scheme.data]
    trees = []
    for root in dict.fromkeys(map(os.path.abspath, roots)):
        staged = transaction.unused_path(environment.target or root)
        os.mkdir(staged)
        trees.append(StagedTree(root, staged))
    area = StagingArea(trees)
    layouts = _layouts(steps)
    if environment.target is not None:
        area.create_folders(layouts)
    with_removed = [
        (step.layout, step.uninstall.allowed if step.uninstall else frozenset()) for step in steps
    ]
    done = 0
    staging = stage(with_removed, area, workers, environment.link_mode)
    with held(), closing(staging) as counts, interruptible():
        for count in counts:
            done += count
            emit(_progress(layouts, done))
    return area


def _report_installed(layout: Layout, environment: InstallEnvironment, emit: Listener) -> None:
    """Emit what pip tells about a wheel while it writes it."""
    if environment.compile_bytecode:
        emit(BytecodeCompiled())
    for file in layout.generated:
        if file.mode == WRAPPER:
            mode = 0o666 & ~layout.archive.umask | WRAPPER
            emit(ScriptMadeExecutable(file.path, mode))


def _progress(layouts: Sequence[Layout], files: int) -> Progress:
    """Return the progress after `files` files; distributions are staged in order."""
    for position, layout in enumerate(layouts):
        files -= len(layout.archive.names)
        if files < 0:
            return Progress(Phase.INSTALL, position, len(layouts), layout.info)
    return Progress(Phase.INSTALL, len(layouts), len(layouts))


def _report(
    steps: Sequence[_PreparedStep], environment: InstallEnvironment, emit: Listener
) -> None:
    """Emit pip's messages about uninstalled distributions and scripts, step by step."""
    warns_of_scripts = environment.warn_script_location and environment.target is None
    for prepared in steps:
        step, uninstall, layout = prepared.step, prepared.uninstall, prepared.layout
        if uninstall is not None and not isinstance(step, Install):
            _announce_uninstall(step, emit)
            listener = indented(indented(emit)) if isinstance(step, Replace) else emit
            uninstall.emit_before(listener)
            for event in prepared.removals:
                listener(event)
            uninstall.emit_after(listener)
        if layout is not None and environment.explains:
            _report_installed(layout, environment, indented(emit))
        if layout is not None and warns_of_scripts and layout.console_scripts:
            scripts, path = layout.console_scripts, environment.search_path
            warning = not_on_path(scripts, environment.executable, path)
            if warning is not None:
                indented(emit)(warning)
