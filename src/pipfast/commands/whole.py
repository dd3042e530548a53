"""The wheels of a resolution as whole files, for the folder that `download` and `wheel` fill."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipfast.commands.resolution import Resolved
from pipfast.commands.wheels import ordered
from pipfast.commands.world import shown
from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.destination import Destination
from pipfast.fetch.download import Downloaded
from pipfast.fetch.metadata import assert_same
from pipfast.fetch.wheel_file import read_document
from pipfast.model.events import Listener
from pipfast.model.metadata import parse_metadata
from pipfast.plan.diff import Arrival, Surroundings, arrivals
from pipfast.policy.selection import Existing
from pipfast.report import lines
from pipfast.report.console import Console
from pipfast.resolve.solve import Chosen


def destination(settings: Settings, option: str, console: Console) -> Destination:
    """The folder that `option` names, made if it is not there.

    Raises OSError.
    """
    path = os.path.expanduser(settings.text(option) or os.curdir)  # noqa: PTH111 - "~nobody" stays
    folder = Path(os.path.normcase(os.path.realpath(path)))
    with suppress(FileExistsError):  # pip too finds out only when it saves the first file
        folder.mkdir(parents=True)
    return Destination(folder, console)


def all_of(found: Resolved, console: Console) -> tuple[Arrival, ...]:
    """The whole resolution, since nothing that is installed counts; what is yanked is told."""
    coming, said = arrivals(found.resolution, Surroundings(installed={}, existing=Existing.IGNORE))
    for event in said:
        console(event)
    return coming


def fetched(wheels: Sequence[Chosen], found: Resolved, emit: Listener) -> tuple[Downloaded, ...]:
    """The file of each of `wheels`, downloaded side by side, and checked in their order.

    Raises InstallationError for a file that is no wheel or is not what was said of it, HashMismatch
    and NetworkFault.
    """
    files = {one.link.url: one for one in found.files.many([ordered(one) for one in wheels])}
    downloaded = tuple(files[one.node.distribution.link.url] for one in wheels)
    for one, file in zip(wheels, downloaded, strict=True):
        _check(one, file, found, emit)
    return downloaded


def save(
    files: Sequence[Downloaded], found: Resolved, folder: Destination, console: Console
) -> None:
    """Put `files` into the folder; one whose name is taken stays out, as with pip."""
    for file in files:
        place = found.files.save(file, folder)
        if place is not None:
            console.say(lines.saved(shown(place)))


def _check(chosen: Chosen, file: Downloaded, found: Resolved, emit: Listener) -> None:
    node, link = chosen.node, file.link
    was_read = link.core_metadata is None or found.files.is_beside(link)
    with file.path.open("rb") as opened:
        margin = "  " if was_read else ""
        document = read_document(opened, node.name, str(file.path), emit, margin)
    if was_read:
        return
    if not document:
        raise InstallationError(f"{node.name} has an invalid wheel, METADATA is missing")
    own = parse_metadata(document.decode("utf-8"))
    assert_same(chosen.ask.described(link), node.metadata, own, emit)
