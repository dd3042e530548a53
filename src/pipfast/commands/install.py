"""`pip install`: from settings to a changed environment, or to word of what would change."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.commands.again import keep
from pipfast.commands.pipeline import Resolved, Run, Target, opened_run, resolved, target_of
from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.download import Downloaded, Order
from pipfast.fetch.metadata import assert_same
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, direct_url_json
from pipfast.model.events import Level
from pipfast.model.link import Link
from pipfast.model.metadata import parse_metadata
from pipfast.plan.check import problems_after
from pipfast.plan.diff import Arrival, Surroundings, arrivals, in_install_order
from pipfast.plan.steps import Incoming, Install, Plan, Replace, Step
from pipfast.report import lines
from pipfast.report.console import Console
from pipfast.report.machine import Reported, report
from pipfast.store.archive import Archive
from pipfast.store.archives import Archives
from pipfast.store.workshop import Workshop
from pipfast.transaction.apply import apply
from pipfast.transaction.files import StaleArchives
from pipfast.transaction.wheel import check

_NOBODY = "unknown package"
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")


def command(settings: Settings, console: Console) -> int:
    """Install what the settings ask for.

    Raises PipfastError; NotNative before anything was said or changed.
    """
    console.hold()
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
            console.release()
            _write_report(run, target, coming, found)
            if settings.flag("dry_run"):
                _tell_dry_run(console, coming)
                return 0
            if coming:
                _install(run, target, coming, found)
    _warn_of_root(settings, console, target)
    return 0


def _tell_dry_run(console: Console, coming: Sequence[Arrival]) -> None:
    metadata = [one.chosen.node.metadata for one in coming]
    text = lines.would_install((one.name, one.version) for one in metadata)
    if text:
        console.say(text)


def _warn_of_root(settings: Settings, console: Console, target: Target) -> None:
    """Pip's warning to whoever installs as root outside a virtual environment."""
    if settings.text("root_user_action") != "warn" or target.python.is_virtual:
        return
    if not hasattr(os, "getuid") or sys.platform in ("win32", "cygwin") or os.getuid() != 0:
        return
    console.say(lines.AS_ROOT, Level.WARNING)


# The report


def _write_report(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> None:
    place = run.settings.text("json_report_file")
    if place is None:
        return
    text = report([_reported(one, found) for one in coming], target.python.markers)
    if place == "-":
        run.console.print(text)
    else:
        Path(place).write_text(text, encoding="utf-8")


def _reported(arrival: Arrival, found: Resolved) -> Reported:
    chosen = arrival.chosen
    link = chosen.node.distribution.link
    digests = link.digests
    if not digests and not _is_beside(link, found):
        digests = found.files.one(Order(link, chosen.ask.described(link))).digests
    return Reported(
        origin=ArchiveOrigin(url=link.url, digests=digests),
        yanked=link.yanked is not None,
        direct=chosen.ask.link is not None,
        requested=chosen.ask.requested,
        extras=sorted(chosen.extras),
        metadata=found.distributions.document(chosen.node.distribution),
    )


def _is_beside(link: Link, found: Resolved) -> bool:
    """Whether a file beside the wheel told its metadata, so that pip has no wheel to hash yet."""
    return link.core_metadata is not None and not found.collected.selection.require_hashes


# The files


def _install(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> None:
    console = run.console
    with Workshop(target.python.executable) as workshop:
        workshop.start()
        archives, digests = _archives(run, target, coming, found, workshop)
        coming = in_install_order(coming)
        problems = _problems(run, target, coming, found)
        if problems is not None:
            target.looks.again()
            for one in coming:  # pip reads each wheel again to see whether it fits
                check(archives[one.chosen.name], one.chosen.name, console)
        console.say(lines.collected([one.spelling for one in coming]))
        plan = Plan(tuple(_step(one, digests) for one in coming))
        for one in coming:
            if one.outgoing is not None:
                target.looks.again(one.chosen.name)
        console.quieten()
        try:
            apply(plan, archives, target.site, workshop, console)
        except StaleArchives as stale:
            for archive in stale.archives:
                Archives(run.store).discard(archive)
            archives, digests = _archives(run, target, coming, found, workshop)
            apply(plan, archives, target.site, workshop, console)
    scheme = target.site.scheme
    target.looks.again(paths=(scheme.purelib, scheme.platlib))
    if len(coming) > 1 and console.draws_bars:
        console.say("")  # where pip's progress bar was
    if problems:
        console.say(problems, Level.CRITICAL)
    text = lines.installed(
        (one.spelling, _version_left(one, archives[one.chosen.name])) for one in coming
    )
    if text:
        console.say(text)


def _version_left(arrival: Arrival, archive: Archive) -> str:
    """The version that pip finds afterwards: the one in the name of the .dist-info folder.

    Only the metadata of a direct wheel may say another.
    """
    version = str(arrival.chosen.node.version)
    if arrival.chosen.ask.link is None:
        return version
    folders = (name.partition("/")[0] for name in archive.names if _METADATA.fullmatch(name))
    return next(folders, "").removesuffix(".dist-info").partition("-")[2] or version


def _problems(run: Run, target: Target, coming: Sequence[Arrival], found: Resolved) -> str | None:
    """Pip's word on distributions that no longer fit one another, None if nobody wants to know."""
    settings = run.settings
    if settings.flag("ignore_dependencies") or not settings.flag("warn_about_conflicts"):
        return None
    present = {name: found.environment.metadata(one) for name, one in target.installed.items()}
    incoming = {one.chosen.name: one.chosen.node.metadata for one in coming}
    return lines.disagreements(problems_after(present, incoming, target.python.markers))


def _step(arrival: Arrival, digests: Mapping[NormalizedName, Digest]) -> Step:
    chosen = arrival.chosen
    link = chosen.node.distribution.link
    direct = None
    if chosen.ask.link is not None:
        origin = ArchiveOrigin(url=link.url, digests=link.digests or (digests[chosen.name],))
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


def _archives(
    run: Run,
    target: Target,
    coming: Sequence[Arrival],
    found: Resolved,
    workshop: Workshop,
) -> tuple[Mapping[NormalizedName, Archive], Mapping[NormalizedName, Digest]]:
    """An unpacked wheel for each arrival, from the store or downloaded, and its digest."""
    shelf = Archives(run.store)
    key = target.site.bytecode_key
    ready: dict[str, Archive] = {}
    by_link: dict[str, Digest] = {}
    orders: list[Order] = []
    for one in coming:
        link = one.chosen.node.distribution.link
        digest = _trusted(link, one.chosen.ask.digests)
        archive = shelf.get(digest.value) if digest else None
        if digest is not None and archive is not None:
            ready[digest.value] = archive
            by_link[link.url] = digest
            orders.append(Order(link, "", kept=archive.length))
        else:
            # pip has forgotten whose file it is when a sidecar spared it the wheel at first.
            whose = _NOBODY if link.core_metadata is not None else one.chosen.ask.described(link)
            orders.append(Order(link, whose, one.chosen.ask.digests))
    downloads = _noted(found.files.many(orders), by_link)
    for archive in shelf.unpack(downloads, workshop, key):
        ready[os.path.basename(archive.folder)] = archive  # noqa: PTH119
    if key is not None:
        shelf.ensure_bytecode(ready.values(), key, workshop)
    digests = {one.chosen.name: by_link[one.chosen.node.distribution.link.url] for one in coming}
    archives = {name: ready[digest.value] for name, digest in digests.items()}
    for one in coming:
        _check_wheel(one, archives[one.chosen.name], run.console)
    return archives, digests


def _noted(
    downloads: Iterator[Downloaded], by_link: dict[str, Digest]
) -> Iterator[tuple[Path, str]]:
    for one in downloads:
        by_link[one.link.url] = Digest("sha256", one.sha256)
        yield one.path, one.sha256


def _trusted(link: Link, digests: Sequence[Digest]) -> Digest | None:
    """The SHA-256 under which the store may have the wheel, if index and user agree on it."""
    for digest in link.digests:
        if digest.algorithm == "sha256" and (not digests or digest in digests):
            return digest
    return next((digest for digest in digests if digest.algorithm == "sha256"), None)


def _check_wheel(arrival: Arrival, archive: Archive, console: Console) -> None:
    """See that a wheel is one, and says of itself what the file beside it on the index said."""
    node = arrival.chosen.node
    if node.distribution.link.core_metadata is None:
        check(archive, node.name, console, margin="  ")
        return
    check(archive, node.name, console)
    infos = [name for name in archive.names if _METADATA.fullmatch(name)]
    if not infos:
        raise InstallationError(f"{node.name} has an invalid wheel, METADATA is missing")
    own = parse_metadata(archive.read(infos[0]).decode("utf-8", "surrogateescape"))
    whose = arrival.chosen.ask.described(node.distribution.link)
    assert_same(whose, node.metadata, own, console)
