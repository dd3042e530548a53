"""The installation of what `install` resolved, imported once there is something to install."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipfast.concurrency.interrupts import held, interruptible
from pipfast.model.digest import Digest
from pipfast.model.direct_url import direct_url_json
from pipfast.model.events import Level
from pipfast.plan.consistency import problems_after, readable
from pipfast.plan.diff import PlannedInstall
from pipfast.plan.steps import Plan, Step, WheelToInstall
from pipfast.policy.mode import mode
from pipfast.policy.option_conflicts import checks_consistency
from pipfast.report import install_lines, shim_lines
from pipfast.report.shim_program import MARK
from pipfast.session.change_notes import note_steps
from pipfast.session.install_stage import ArchiveByName, GatheredWheels, InstallStage, step_of
from pipfast.session.resolution import Resolved
from pipfast.session.run_context import RunContext
from pipfast.session.targets import InstallTarget, present_metadata
from pipfast.session.unpacked_wheels import Unpacking, installed_version, new_bytes, stated_bytes
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.apply import apply
from pipfast.transaction.disk_space import filesystem_type, shortage
from pipfast.transaction.wheel_format import check_wheel_format


def install(
    run: RunContext, target: InstallTarget, planned: tuple[PlannedInstall, ...], resolved: Resolved
) -> None:
    """Download, build, unpack and install `planned`, and report pip's lines on it.

    Raises what `InstallStage` and `apply` raise; the environment is then unchanged.
    """
    console = run.console
    with (
        held(),
        WorkerPool(target.python.executable) as workers,
        _compilation(run, target) as compilation,
        interruptible(),
    ):
        workers.start()
        run.store.folders.beside = target.site.root
        unpacking = Unpacking(
            Archives(run.store),
            workers,
            compilation,
            thorough=run.settings.flag("force_reinstall"),
        )
        _refuse_or_warn(run, target, planned, resolved, unpacking.archives)
        stage = InstallStage(resolved=resolved, unpacking=unpacking, emit=console)
        wheels = stage.gather(planned)
        problems = _problems(run, target, wheels, resolved)
        console.say(install_lines.collected([each.spelling for each in wheels.planned_installs]))
        plan = Plan(
            tuple(planned_step(each, resolved, wheels.archives) for each in wheels.planned_installs)
        )
        for item in wheels.planned_installs:
            if item.replaced is not None:
                target.leftovers.repeat(item.pin.name)
        real_pips = [
            str(each.pin.node.version) for each in wheels.planned_installs if _is_over_shim(each)
        ]

        def change(archives: ArchiveByName) -> ArchiveByName:
            apply(plan, archives, target.site, workers, console, look=target.look)
            return archives

        note_steps(run.settings, target, plan.steps, stage.apply(wheels, change))
    scheme = target.site.scheme
    target.leftovers.repeat(paths=(scheme.purelib, scheme.platlib))
    if len(planned) > 1 and console.draws_bars:
        console.print("")  # where pip's progress bar was
    if problems:
        console.say(problems, Level.CRITICAL)
    for version in real_pips:
        line = shim_lines.replaced_by(version, target.python.prefix)
        console.say(line, Level.WARNING)
    text = install_lines.installed(
        (each.spelling, installed_version(each.pin, wheels.archives[each.pin.name]))
        for each in wheels.planned_installs
    )
    if text:
        console.say(text)


@contextmanager
def _compilation(run: RunContext, target: InstallTarget) -> Iterator[Compilation]:
    """Yield what is to be compiled, with the bytecode that other machines share."""
    key = target.site.bytecode_key
    if key is None or run.remote is None:
        yield Compilation(key)
        return
    from pipfast.session.shared_bytecode import shared_bytecode  # few runs have a remote store

    with shared_bytecode(run.remote, target.python, key, run.store, run.console) as shared:
        yield Compilation(key) if shared is None else Compilation(key, packs=shared)


def _refuse_or_warn(
    run: RunContext,
    target: InstallTarget,
    planned: Sequence[PlannedInstall],
    resolved: Resolved,
    shelf: Archives,
) -> None:
    """Raise DiskTooSmall if the planned files cannot fit; warn in parity mode, which tries it.

    What is replaced makes room that is not known, and what has no stated size counts as nothing.
    """
    if any(each.replaced is not None for each in planned):
        return
    pins = [each.pin for each in planned]
    lack = shortage(
        target.site.scheme,
        stated_bytes(pins),
        lambda: new_bytes(pins, resolved, shelf),
        filesystem_type,
    )
    if lack is None:
        return
    if not mode(run.settings).pip_compat:
        raise lack
    from pipfast.report.error_text import text_of  # few runs need it

    run.console.say(text_of(lack), Level.WARNING)


def _is_over_shim(item: PlannedInstall) -> bool:
    """Return whether a shim of pipfast is going to be replaced."""
    if item.replaced is None or not item.replaced.info:
        return False
    return os.path.exists(os.path.join(item.replaced.info, MARK))  # noqa: PTH110, PTH118


def _problems(
    run: RunContext, target: InstallTarget, wheels: GatheredWheels, resolved: Resolved
) -> str | None:
    """Return pip's text on dependency conflicts after the installation, None if not requested."""
    console = run.console
    if not checks_consistency(run.settings):
        return None
    present = present_metadata(target, resolved.environment.metadata)
    valid, _ = readable(present, target.python.markers)
    incoming = {each.pin.name: each.pin.node.metadata for each in wheels.planned_installs}
    problems = problems_after(valid, incoming, target.python.markers)
    target.leftovers.repeat()
    for item in wheels.planned_installs:  # pip reads each wheel again for this check
        check_wheel_format(wheels.archives[item.pin.name], item.pin.name, console)
    return install_lines.disagreements(problems)


def planned_step(item: PlannedInstall, resolved: Resolved, archives: ArchiveByName) -> Step:
    """Return the step that performs a planned install."""
    pin = item.pin
    link = pin.node.distribution.link
    direct = None
    if pin.install_req.link is not None:
        own = Digest("sha256", os.path.basename(archives[pin.name].folder))  # noqa: PTH119
        origin = resolved.distributions.origin(pin.node.distribution, pin.install_req, own)
        direct = direct_url_json(origin)
    incoming = WheelToInstall(
        name=pin.name,
        spelling=item.spelling,
        version=str(pin.node.version),
        link=link,
        requested=pin.install_req.user_supplied,
        direct_url=direct,
        requirement=pin.install_req.text or f"{item.spelling}=={pin.node.version}",
    )
    return step_of(item, incoming)
