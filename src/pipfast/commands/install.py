"""`pip install`: install distributions, or report what would be installed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.concurrency.interrupts import held, interruptible, reporting
from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.direct_url import direct_url_json
from pipfast.model.events import Level
from pipfast.plan.consistency import problems_after
from pipfast.plan.diff import PlannedInstall, TargetEnvironment
from pipfast.plan.steps import Plan, Step, WheelToInstall
from pipfast.report import install_lines
from pipfast.report.console import Console
from pipfast.session.direct_urls import origin_of
from pipfast.session.install_stage import (
    ArchiveByName,
    GatheredWheels,
    InstallStage,
    find_arrivals,
    step_of,
)
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.resolution import Resolved
from pipfast.session.root_warning import warn_if_root
from pipfast.session.run_context import RunContext, run_context
from pipfast.session.satisfied_cache import remember_satisfied
from pipfast.session.targets import InstallTarget, install_target
from pipfast.session.unpacked_wheels import Unpacking, installed_version
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.apply import apply
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import PlannedAgain
from pipfast.transaction.wheel_format import check_wheel_format

if TYPE_CHECKING:
    from pipfast.report.json_report import Reported


_PLANS = 20
"""How often a plan is made while other programs keep changing the environment."""


def command(settings: Settings, console: Console) -> int:
    """Install what the settings request.

    Raises PipfastError; NotNative before anything was printed or changed.
    """
    with reporting(), run_context(settings, console) as run:
        target = _planned_and_applied(run)
    if not settings.flag("dry_run"):
        warn_if_root(settings, console, target.python)
    return 0


def _planned_and_applied(run: RunContext) -> InstallTarget:
    """Plan the installation and carry it out; again if another program changes the environment."""
    for _ in range(_PLANS):
        target = install_target(run)
        try:
            _plan_and_apply(run, target)
        except EnvironmentChanged:
            run.console(PlannedAgain())
        else:
            return target
    raise InstallationError(install_lines.STILL_CHANGING)


def _plan_and_apply(run: RunContext, target: InstallTarget) -> None:
    with resolved_requirements(run, target) as resolved:
        surroundings = TargetEnvironment(
            installed=target.installed,
            existing=resolved.collected.selection.existing,
            into_user_site=target.placement.user,
            virtual=target.python.is_virtual,
        )
        arrivals = find_arrivals(resolved, surroundings, run.console)
        if not arrivals:
            remember_satisfied(run, target, resolved)
        is_plan = run.settings.flag("dry_run")
        if is_plan and any(each.pin.install_req.digests for each in arrivals):
            # its modules are slow to import, and few plans have hashes
            from pipfast.session.plain_files import verify_required_hashes

            verify_required_hashes([each.pin for each in arrivals], resolved, run.console)
        _write_report(run, target, arrivals, resolved)
        if is_plan:
            _print_dry_run(run.console, arrivals)
        elif arrivals:
            _install(run, target, arrivals, resolved)


def _print_dry_run(console: Console, arrivals: Sequence[PlannedInstall]) -> None:
    metadata = [each.pin.node.metadata for each in arrivals]
    text = install_lines.would_install((each.name, each.version) for each in metadata)
    if text:
        console.say(text)


# The installation report (--report)


def _write_report(
    run: RunContext, target: InstallTarget, arrivals: Sequence[PlannedInstall], resolved: Resolved
) -> None:
    path = run.settings.text("json_report_file")
    if path is None:
        return
    from pipfast.report.json_report import report  # imports email.parser, and reports are rare

    text = report([_report_entry(each, resolved) for each in arrivals], target.python.markers)
    if path == "-":
        run.console.print(text)
    else:
        Path(path).write_text(text, encoding="utf-8")


def _report_entry(arrival: PlannedInstall, resolved: Resolved) -> Reported:
    from pipfast.report.json_report import Reported

    pin = arrival.pin
    distribution = pin.node.distribution
    return Reported(
        origin=origin_of(pin, resolved),
        yanked=distribution.link.yanked is not None,
        direct=pin.install_req.link is not None,
        requested=pin.install_req.user_supplied,
        extras=sorted(pin.extras),
        metadata=resolved.distributions.document(distribution, pin.install_req),
    )


# The installation


def _install(
    run: RunContext, target: InstallTarget, arrivals: tuple[PlannedInstall, ...], resolved: Resolved
) -> None:
    console = run.console
    with held(), WorkerPool(target.python.executable) as workers, interruptible():
        workers.start()
        unpacking = Unpacking(Archives(run.store), workers, target.site.bytecode_key)
        stage = InstallStage(resolved=resolved, unpacking=unpacking, emit=console)
        wheels = stage.gather(arrivals)
        problems = _problems(run, target, wheels, resolved)
        console.say(install_lines.collected([each.spelling for each in wheels.planned_installs]))
        plan = Plan(
            tuple(_step(each, resolved, wheels.archives) for each in wheels.planned_installs)
        )
        for arrival in wheels.planned_installs:
            if arrival.replaced is not None:
                target.leftovers.repeat(arrival.pin.name)
        console.quieten()
        stage.apply(
            wheels,
            lambda archives: apply(plan, archives, target.site, workers, console, look=target.look),
        )
    scheme = target.site.scheme
    target.leftovers.repeat(paths=(scheme.purelib, scheme.platlib))
    if len(arrivals) > 1 and console.draws_bars:
        console.say("")  # where pip's progress bar was
    if problems:
        console.say(problems, Level.CRITICAL)
    text = install_lines.installed(
        (each.spelling, installed_version(each.pin, wheels.archives[each.pin.name]))
        for each in wheels.planned_installs
    )
    if text:
        console.say(text)


def _problems(
    run: RunContext, target: InstallTarget, wheels: GatheredWheels, resolved: Resolved
) -> str | None:
    """Return pip's text on dependency conflicts after the installation, None if not requested."""
    settings, console = run.settings, run.console
    if settings.flag("ignore_dependencies") or not settings.flag("warn_about_conflicts"):
        return None
    present = {name: resolved.environment.metadata(one) for name, one in target.installed.items()}
    incoming = {each.pin.name: each.pin.node.metadata for each in wheels.planned_installs}
    problems = problems_after(present, incoming, target.python.markers)
    target.leftovers.repeat()
    for arrival in wheels.planned_installs:  # pip reads each wheel again for this check
        check_wheel_format(wheels.archives[arrival.pin.name], arrival.pin.name, console)
    return install_lines.disagreements(problems)


def _step(arrival: PlannedInstall, resolved: Resolved, archives: ArchiveByName) -> Step:
    pin = arrival.pin
    link = pin.node.distribution.link
    direct = None
    if pin.install_req.link is not None:
        own = Digest("sha256", os.path.basename(archives[pin.name].folder))  # noqa: PTH119
        origin = resolved.distributions.origin(pin.node.distribution, pin.install_req, own)
        direct = direct_url_json(origin)
    incoming = WheelToInstall(
        name=pin.name,
        spelling=arrival.spelling,
        version=str(pin.node.version),
        link=link,
        requested=pin.install_req.user_supplied,
        direct_url=direct,
        requirement=pin.install_req.text or f"{arrival.spelling}=={pin.node.version}",
    )
    return step_of(arrival, incoming)
