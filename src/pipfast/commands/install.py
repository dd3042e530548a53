"""`pip install`: install distributions, or report what would be installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.concurrency.interrupts import held, interruptible, reporting
from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.plan.consistency import readable
from pipfast.plan.diff import PlannedInstall, TargetEnvironment
from pipfast.policy.option_conflicts import checks_consistency
from pipfast.report import install_lines
from pipfast.report.console import Console
from pipfast.session.direct_urls import origin_of
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.planned_installs import plan_installs
from pipfast.session.resolution import Resolved
from pipfast.session.root_warning import warn_if_root
from pipfast.session.run_context import RunContext, run_context
from pipfast.session.satisfied_cache import remember_output
from pipfast.session.targets import InstallTarget, install_target, present_metadata
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import PlannedAgain

if TYPE_CHECKING:
    from pipfast.report.json_report import Reported


_PLANS = 20
"""How often a plan is made while other programs keep changing the environment."""


def command(settings: Settings, console: Console) -> int:
    """Install what the settings request.

    Raises PipfastError; NotNative before anything was printed or changed.
    """
    with reporting(), held(), run_context(settings, console) as run, interruptible():
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
    with held(), resolved_requirements(run, target) as resolved, interruptible():
        surroundings = TargetEnvironment(
            installed=target.installed,
            existing=resolved.collected.selection.existing,
            into_user_site=target.placement.user,
            virtual=target.python.is_virtual,
        )
        planned = plan_installs(resolved, surroundings, run.console)
        is_plan = run.settings.flag("dry_run")
        folder = target.placement.folder
        if not is_plan and checks_consistency(run.settings):
            _report_unreadable(run, target, resolved)
        if is_plan and any(each.pin.install_req.digests for each in planned):
            # its modules are slow to import, and few plans have hashes
            from pipfast.session.plain_files import verify_required_hashes

            verify_required_hashes([each.pin for each in planned], resolved, run.console)
        _write_report(run, target, planned, resolved)
        if is_plan:
            _print_dry_run(run.console, planned)
        elif planned:
            from pipfast.commands._installation import install  # a dry run does without it

            install(run, target, planned, resolved)
        elif folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)  # as pip leaves it
        if (is_plan or not planned) and folder is None:
            remember_output(run, target, resolved, is_planned=bool(planned))


def _report_unreadable(run: RunContext, target: InstallTarget, resolved: Resolved) -> None:
    """Warn about installed distributions with invalid metadata, as pip does each time."""
    present = present_metadata(target, resolved.environment.metadata)
    for message in readable(present, target.python.markers)[1]:
        run.console(message)


def _print_dry_run(console: Console, planned: Sequence[PlannedInstall]) -> None:
    metadata = [each.pin.node.metadata for each in planned]
    text = install_lines.would_install((each.name, each.version) for each in metadata)
    if text:
        console.say(text)


# The installation report (--report)


def _write_report(
    run: RunContext, target: InstallTarget, planned: Sequence[PlannedInstall], resolved: Resolved
) -> None:
    path = run.settings.text("json_report_file")
    if path is None:
        return
    from pipfast.report.json_report import report  # imports email.parser, and reports are rare

    text = report([_report_entry(each, resolved) for each in planned], target.python.markers)
    if path == "-":
        run.console.print(text)
    else:
        Path(path).write_text(text, encoding="utf-8")


def _report_entry(item: PlannedInstall, resolved: Resolved) -> Reported:
    from pipfast.report.json_report import Reported

    pin = item.pin
    distribution = pin.node.distribution
    return Reported(
        origin=origin_of(pin, resolved),
        yanked=distribution.link.yanked is not None,
        direct=pin.install_req.link is not None,
        requested=pin.install_req.user_supplied,
        extras=sorted(pin.extras),
        metadata=resolved.distributions.document(distribution, pin.install_req),
    )
