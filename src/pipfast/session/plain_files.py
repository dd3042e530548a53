"""Fetch the files of a resolution unchanged, for the folder of `download` and `wheel`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.files import Downloaded
from pipfast.fetch.vcs.checkout import is_repository
from pipfast.fetch.wheel_metadata.pep658 import assert_same
from pipfast.fetch.wheel_metadata.wheel_file import read_document
from pipfast.model.distribution import Source, Wheel
from pipfast.model.events import Listener, indented, silent
from pipfast.model.metadata import parse_metadata
from pipfast.plan.diff import PlannedInstall, TargetEnvironment
from pipfast.policy.selection import Existing
from pipfast.report import download_lines
from pipfast.report.console import Console
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.planned_installs import plan_installs
from pipfast.session.port_adapters import display_path
from pipfast.session.resolution import Resolved
from pipfast.session.unpacked_wheels import download_order


def destination(settings: Settings, option: str) -> Destination:
    """Return the folder that `option` names; create it if it does not exist.

    Raises OSError.
    """
    path = os.path.expanduser(settings.text(option) or os.curdir)  # noqa: PTH111 - "~nobody" stays
    folder = Path(os.path.normcase(os.path.realpath(path)))
    with suppress(FileExistsError):  # pip too finds out only when it saves the first file
        folder.mkdir(parents=True)
    return Destination(folder)


def plan_all_installs(resolved: Resolved, console: Console) -> tuple[PlannedInstall, ...]:
    """Return the complete resolution: nothing that is installed counts. Warn of yanked files."""
    nothing = TargetEnvironment(installed={}, existing=Existing.IGNORE)
    return plan_installs(resolved, nothing, console)


def fetch(
    pins: Sequence[PinnedCandidate], resolved: Resolved, emit: Listener
) -> dict[NormalizedName, Downloaded]:
    """Download the files of `pins`, in parallel; return them by project.

    Repositories and folders are left out. Afterwards wheels are checked in order, and sdists that
    only a metadata file described are prepared. Raises InstallationError for a wheel that is
    invalid or differs from its metadata file, HashMismatch, NetworkError and what builds raise.
    """
    wanted = [each for each in pins if is_file(each)]
    downloads = resolved.files.many([download_order(each, resolved) for each in wanted])
    by_link = {file.link.url: file for file in downloads}
    files = {each.name: by_link[each.node.distribution.link.url] for each in wanted}
    for each in wanted:
        if isinstance(each.node.distribution, Wheel):
            _check(each, files[each.name], resolved, emit)
        else:
            resolved.distributions.complete(each.node.distribution, each.install_req)
    return files


def verify_required_hashes(
    pins: Sequence[PinnedCandidate], resolved: Resolved, emit: Listener
) -> None:
    """Download and verify the files for which the user gives digests, like pip.

    Commands that only report a resolution call this, so that nothing is reported of a file that
    the digests exclude. Raises the errors of `fetch`.
    """
    fetch([pin for pin in pins if pin.install_req.digests], resolved, emit)


def is_file(pin: PinnedCandidate) -> bool:
    """Return whether it is a file, an archive or a wheel, and not a folder or a repository."""
    distribution, link = pin.node.distribution, pin.node.distribution.link
    if not isinstance(distribution, Source):
        return True
    in_place = link.is_file and link.path.is_dir()
    return not (distribution.editable or in_place or is_repository(link))


def save(file: Downloaded, resolved: Resolved, folder: Destination, console: Console) -> None:
    """Copy a file into the folder unless it has a file of that name (pip behaviour)."""
    path = resolved.files.save(file, folder)
    if path is not None:
        console.say(download_lines.saved(display_path(path)))


def save_built(wheel: Path, folder: Destination, console: Console) -> None:
    """Copy a cached built wheel into the folder unless it has a file of that name."""
    if not folder.place(wheel.name).exists():
        console.say(download_lines.saved(display_path(folder.put(wheel))))


def _check(pin: PinnedCandidate, file: Downloaded, resolved: Resolved, emit: Listener) -> None:
    node, link = pin.node, file.link
    was_read = link.core_metadata is None or resolved.files.is_beside(link)
    with file.path.open("rb") as opened:
        listen = indented(emit) if was_read else emit
        document = read_document(opened, node.name, str(file.path), listen)
    distribution = node.distribution
    if isinstance(distribution, Wheel):
        resolved.distributions.verify(distribution, pin.install_req, lambda: document)
    if was_read:
        return
    if not document:
        raise InstallationError(f"{node.name} has an invalid wheel, METADATA is missing")
    own = parse_metadata(document.decode("utf-8"))
    is_unused = resolved.collected.selection.require_hashes  # by pip, which says nothing of it
    listen = silent if is_unused else emit
    assert_same(pin.install_req.described(link), node.metadata, own, listen)
