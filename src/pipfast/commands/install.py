"""`pip install`: from settings to a changed environment, or to word of what would change."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.model.digest import Digest
from pipfast.model.direct_url import direct_url_json
from pipfast.model.events import Level
from pipfast.plan.consistency import problems_after
from pipfast.plan.diff import Arrival, Surroundings, arrivals, in_install_order
from pipfast.plan.steps import Incoming, Install, Plan, Replace, Step
from pipfast.report import install_lines
from pipfast.report.console import Console
from pipfast.session.direct_urls import origin_of
from pipfast.session.pipeline import Run, Target, opened_run, resolved, target_of
from pipfast.session.resolution import Resolved
from pipfast.session.root_warning import warn_of_root
from pipfast.session.satisfied_cache import keep
from pipfast.session.unpacked_wheels import Bench, gathered, version_left
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.apply import apply
from pipfast.transaction.staging import StaleArchives
from pipfast.transaction.wheel_layout import check

if TYPE_CHECKING:
    from pipfast.report.json_report import Reported


def command(settings: Settings, console: Console) -> int:
    """Install what the settings ask for.

    Raises PipfastError; NotNative before anything was said or changed.
    """
    with opened_run(settings, console) as run:
        target = target_of(run)
        with resolved(run, target) as found:
            around = Surroundings(
                installed=target.installed,
                existing=found.collected.selection.existing,
                into_user_site=target.placement.user,
                virtual=target.python.is_virtual,
            )
            coming, said = arrivals(found.resolution, around)
            for event in said:
                console(event)
            if not coming:
                keep(run, target, found)
            _write_report(run, target, coming, found)
            if settings.flag("dry_run"):
                _tell_dry_run(console, coming)
                return 0
            if coming:
                _install(run, target, coming, found)
    warn_of_root(settings, console, target.python)
    return 0


def _tell_dry_run(console: Console, coming: Sequence[Arrival]) -> None:
    metadata = [one.chosen.node.metadata for one in coming]
    text = install_lines.would_install((one.name, one.version) for one in metadata)
    if text:
        console.say(text)


# The report


def _write_report(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> None:
    place = run.settings.text("json_report_file")
    if place is None:
        return
    from pipfast.report.json_report import report  # email.parser: few want a report

    text = report([_reported(one, found) for one in coming], target.python.markers)
    if place == "-":
        run.console.print(text)
    else:
        Path(place).write_text(text, encoding="utf-8")


def _reported(arrival: Arrival, found: Resolved) -> Reported:
    from pipfast.report.json_report import Reported

    chosen = arrival.chosen
    distribution = chosen.node.distribution
    return Reported(
        origin=origin_of(chosen, found),
        yanked=distribution.link.yanked is not None,
        direct=chosen.ask.link is not None,
        requested=chosen.ask.requested,
        extras=sorted(chosen.extras),
        metadata=found.distributions.document(distribution, chosen.ask),
    )


# The files


def _install(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> None:
    console = run.console
    with Workshop(target.python.executable) as workshop:
        workshop.start()
        bench = Bench(Archives(run.store), workshop, target.site.bytecode_key)
        chosen = [one.chosen for one in coming]
        archives = gathered(chosen, found, bench, console)
        coming = in_install_order(coming, found.distributions.behind)
        problems = _problems(run, target, coming, found)
        if problems is not None:
            target.looks.again()
            for one in coming:  # pip reads each wheel again to see whether it fits
                check(archives[one.chosen.name], one.chosen.name, console)
        console.say(install_lines.collected([one.spelling for one in coming]))
        plan = Plan(tuple(_step(one, found, archives) for one in coming))
        for one in coming:
            if one.outgoing is not None:
                target.looks.again(one.chosen.name)
        console.quieten()
        try:
            apply(plan, archives, target.site, workshop, console)
        except StaleArchives as stale:
            for archive in stale.archives:
                bench.shelf.discard(archive)
            archives = gathered(chosen, found, bench, console)
            apply(plan, archives, target.site, workshop, console)
    scheme = target.site.scheme
    target.looks.again(paths=(scheme.purelib, scheme.platlib))
    if len(coming) > 1 and console.draws_bars:
        console.say("")  # where pip's progress bar was
    if problems:
        console.say(problems, Level.CRITICAL)
    text = install_lines.installed(
        (one.spelling, version_left(one.chosen, archives[one.chosen.name])) for one in coming
    )
    if text:
        console.say(text)


def _problems(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> str | None:
    """Pip's word on distributions that no longer fit one another, None if nobody wants to know."""
    settings = run.settings
    if settings.flag("ignore_dependencies") or not settings.flag("warn_about_conflicts"):
        return None
    present = {name: found.environment.metadata(one) for name, one in target.installed.items()}
    incoming = {one.chosen.name: one.chosen.node.metadata for one in coming}
    return install_lines.disagreements(problems_after(present, incoming, target.python.markers))


def _step(arrival: Arrival, found: Resolved, archives: Mapping[NormalizedName, Archive]) -> Step:
    chosen = arrival.chosen
    link = chosen.node.distribution.link
    direct = None
    if chosen.ask.link is not None:
        own = Digest("sha256", os.path.basename(archives[chosen.name].folder))  # noqa: PTH119
        origin = found.distributions.origin(chosen.node.distribution, chosen.ask, own)
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
    return Replace(incoming, arrival.outgoing) if arrival.outgoing else Install(incoming)
