"""`pip install`: install distributions, or report what would be installed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipfast.config.settings import Settings
from pipfast.model.digest import Digest
from pipfast.model.direct_url import direct_url_json
from pipfast.model.events import Level
from pipfast.plan.consistency import problems_after
from pipfast.plan.diff import Arrival, Surroundings
from pipfast.plan.steps import Incoming, Plan, Step
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
from pipfast.session.unpacked_wheels import Unpacking, version_left
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.apply import apply
from pipfast.transaction.wheel_layout import check

if TYPE_CHECKING:
    from pipfast.report.json_report import Reported


def command(settings: Settings, console: Console) -> int:
    """Install what the settings request.

    Raises PipfastError; NotNative before anything was printed or changed.
    """
    with run_context(settings, console) as run:
        target = install_target(run)
        with resolved_requirements(run, target) as resolved:
            surroundings = Surroundings(
                installed=target.installed,
                existing=resolved.collected.selection.existing,
                into_user_site=target.placement.user,
                virtual=target.python.is_virtual,
            )
            arrivals = find_arrivals(resolved, surroundings, console)
            if not arrivals:
                remember_satisfied(run, target, resolved)
            _write_report(run, target, arrivals, resolved)
            if settings.flag("dry_run"):
                _print_dry_run(console, arrivals)
                return 0
            if arrivals:
                _install(run, target, arrivals, resolved)
    warn_if_root(settings, console, target.python)
    return 0


def _print_dry_run(console: Console, arrivals: Sequence[Arrival]) -> None:
    metadata = [each.chosen.node.metadata for each in arrivals]
    text = install_lines.would_install((each.name, each.version) for each in metadata)
    if text:
        console.say(text)


# The installation report (--report)


def _write_report(
    run: RunContext, target: InstallTarget, arrivals: Sequence[Arrival], resolved: Resolved
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


def _report_entry(arrival: Arrival, resolved: Resolved) -> Reported:
    from pipfast.report.json_report import Reported

    chosen = arrival.chosen
    distribution = chosen.node.distribution
    return Reported(
        origin=origin_of(chosen, resolved),
        yanked=distribution.link.yanked is not None,
        direct=chosen.ask.link is not None,
        requested=chosen.ask.requested,
        extras=sorted(chosen.extras),
        metadata=resolved.distributions.document(distribution, chosen.ask),
    )


# The installation


def _install(
    run: RunContext, target: InstallTarget, arrivals: tuple[Arrival, ...], resolved: Resolved
) -> None:
    console = run.console
    with Workshop(target.python.executable) as workers:
        workers.start()
        unpacking = Unpacking(Archives(run.store), workers, target.site.bytecode_key)
        stage = InstallStage(resolved=resolved, unpacking=unpacking, emit=console)
        wheels = stage.gather(arrivals)
        problems = _problems(run, target, wheels, resolved)
        console.say(install_lines.collected([each.spelling for each in wheels.arrivals]))
        plan = Plan(tuple(_step(each, resolved, wheels.archives) for each in wheels.arrivals))
        for arrival in wheels.arrivals:
            if arrival.outgoing is not None:
                target.leftovers.repeat(arrival.chosen.name)
        console.quieten()
        stage.apply(wheels, lambda archives: apply(plan, archives, target.site, workers, console))
    scheme = target.site.scheme
    target.leftovers.repeat(paths=(scheme.purelib, scheme.platlib))
    if len(arrivals) > 1 and console.draws_bars:
        console.say("")  # where pip's progress bar was
    if problems:
        console.say(problems, Level.CRITICAL)
    text = install_lines.installed(
        (each.spelling, version_left(each.chosen, wheels.archives[each.chosen.name]))
        for each in wheels.arrivals
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
    incoming = {each.chosen.name: each.chosen.node.metadata for each in wheels.arrivals}
    problems = problems_after(present, incoming, target.python.markers)
    target.leftovers.repeat()
    for arrival in wheels.arrivals:  # pip reads each wheel again for this check
        check(wheels.archives[arrival.chosen.name], arrival.chosen.name, console)
    return install_lines.disagreements(problems)


def _step(arrival: Arrival, resolved: Resolved, archives: ArchiveByName) -> Step:
    chosen = arrival.chosen
    link = chosen.node.distribution.link
    direct = None
    if chosen.ask.link is not None:
        own = Digest("sha256", os.path.basename(archives[chosen.name].folder))  # noqa: PTH119
        origin = resolved.distributions.origin(chosen.node.distribution, chosen.ask, own)
        direct = direct_url_json(origin)
    incoming = Incoming(
        name=chosen.name,
        spelling=arrival.spelling,
        version=str(chosen.node.version),
        link=link,
        requested=chosen.ask.requested,
        direct_url=direct,
        asked=chosen.ask.shown or f"{arrival.spelling}=={chosen.node.version}",
    )
    return step_of(arrival, incoming)
