"""The files of a resolution as they are, for the folder that `download` and `wheel` fill."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.downloader import Downloaded
from pipfast.fetch.vcs.checkout import is_repository
from pipfast.fetch.wheel_metadata.pep658 import assert_same
from pipfast.fetch.wheel_metadata.wheel_file import read_document
from pipfast.model.distribution import Source, Wheel
from pipfast.model.events import Listener
from pipfast.model.metadata import parse_metadata
from pipfast.plan.diff import Arrival, Surroundings
from pipfast.policy.selection import Existing
from pipfast.report import install_lines
from pipfast.report.console import Console
from pipfast.resolve.solve import Chosen
from pipfast.session.install_stage import find_arrivals
from pipfast.session.port_adapters import shown
from pipfast.session.resolution import Resolved
from pipfast.session.unpacked_wheels import ordered


def destination(settings: Settings, option: str) -> Destination:
    """The folder that `option` names, made if it is not there.

    Raises OSError.
    """
    path = os.path.expanduser(settings.text(option) or os.curdir)  # noqa: PTH111 - "~nobody" stays
    folder = Path(os.path.normcase(os.path.realpath(path)))
    with suppress(FileExistsError):  # pip too finds out only when it saves the first file
        folder.mkdir(parents=True)
    return Destination(folder)


def all_of(found: Resolved, console: Console) -> tuple[Arrival, ...]:
    """Return the complete resolution: nothing that is installed counts. Warn of yanked files."""
    nothing = Surroundings(installed={}, existing=Existing.IGNORE)
    return find_arrivals(found, nothing, console)


def fetched(
    chosen: Sequence[Chosen], found: Resolved, emit: Listener
) -> dict[NormalizedName, Downloaded]:
    """The files of those of `chosen` that are files, by project.

    They are downloaded side by side. Then wheels are checked and sdists prepared that were only
    described so far, in order. Raises InstallationError for a file that is no wheel or is not what
    was said of it, HashMismatch, NetworkError and what builds raise.
    """
    wanted = [one for one in chosen if is_file(one)]
    by_link = {one.link.url: one for one in found.files.many([ordered(one) for one in wanted])}
    files = {one.name: by_link[one.node.distribution.link.url] for one in wanted}
    for one in wanted:
        if isinstance(one.node.distribution, Wheel):
            _check(one, files[one.name], found, emit)
        else:
            found.distributions.complete(one.node.distribution, one.ask)
    return files


def is_file(chosen: Chosen) -> bool:
    """Whether it is one file, an archive or a wheel, and not a folder or a repository."""
    distribution, link = chosen.node.distribution, chosen.node.distribution.link
    if not isinstance(distribution, Source):
        return True
    in_place = link.is_file and link.path.is_dir()
    return not (distribution.editable or in_place or is_repository(link))


def save(file: Downloaded, found: Resolved, folder: Destination, console: Console) -> None:
    """Put a file into the folder; one whose name is taken stays out, as with pip."""
    place = found.files.save(file, folder)
    if place is not None:
        console.say(install_lines.saved(shown(place)))


def save_kept(wheel: Path, folder: Destination, console: Console) -> None:
    """Put a wheel that an earlier run has built into the folder, unless its name is taken."""
    if not folder.place(wheel.name).exists():
        console.say(install_lines.saved(shown(folder.put(wheel))))


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
