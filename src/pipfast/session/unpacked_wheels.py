"""The wheels of a resolution as unpacked archives: from the store, downloaded, or built."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.builds.errors import WheelsNotBuilt
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.downloader import Downloaded, Order
from pipfast.fetch.wheel_metadata.pep658 import assert_same
from pipfast.model.digest import Digest
from pipfast.model.distribution import Wheel
from pipfast.model.events import Listener, indented
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.metadata import parse_metadata
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.resolution import Resolved
from pipfast.sources.wheel_builds import Wished
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.wheel_format import check_wheel_format

_NOBODY = "unknown package"
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Where wheels are unpacked, and the workers that do it.

    `bytecode_key` names the bytecode that is compiled for them, None if none is.
    """

    archives: Archives
    workers: Workshop
    bytecode_key: str | None


@dataclass(slots=True)
class _Gathering:
    """Archives by digest, the project of each wheel's link, the digest of each project's wheel."""

    ready: dict[str, Archive]
    projects: dict[str, NormalizedName]
    by_name: dict[NormalizedName, str]


def gather_wheels(
    pins: Sequence[PinnedCandidate], found: Resolved, unpacking: Unpacking, emit: Listener
) -> dict[NormalizedName, Archive]:
    """An unpacked wheel for each of `pins`.

    Downloads come first, side by side; then what a file beside it has described is looked into, and
    what has to be built is. Raises InstallationError for a wheel that is none or is not what was
    said of it, and what downloads and builds raise.
    """
    links = {one.node.distribution.link.url: one.name for one in pins if _is_wheel(one)}
    gathering = _Gathering({}, links, {})
    built = [one for one in pins if not _is_wheel(one)]
    orders = [
        _order(one, unpacking.archives, gathering) if _is_wheel(one) else download_order(one)
        for one in pins
        if _is_wheel(one)
        or found.distributions.is_described(one.node.distribution, one.install_req)
    ]
    files = _noted(found.files.many(orders), gathering)
    for archive in unpacking.archives.unpack(files, unpacking.workers, unpacking.bytecode_key):
        gathering.ready[os.path.basename(archive.folder)] = archive  # noqa: PTH119
    for one in pins:
        if not _is_wheel(one):
            found.distributions.complete(one.node.distribution, one.install_req)
        elif one.node.distribution.link.core_metadata is not None:
            _check(one, gathering.ready[gathering.by_name[one.name]], emit)
    files = _built(built, found, unpacking.archives, gathering)
    for archive in unpacking.archives.unpack(files, unpacking.workers, unpacking.bytecode_key):
        gathering.ready[os.path.basename(archive.folder)] = archive  # noqa: PTH119
    if unpacking.bytecode_key is not None:
        unpacking.archives.ensure_bytecode(
            gathering.ready.values(), unpacking.bytecode_key, unpacking.workers
        )
    archives = {one.name: gathering.ready[gathering.by_name[one.name]] for one in pins}
    for one in pins:
        if not _is_wheel(one) or one.node.distribution.link.core_metadata is None:
            check_wheel_format(archives[one.name], one.name, indented(emit))
    return archives


def version_left(pin: PinnedCandidate, archive: Archive) -> str:
    """The version that pip finds afterwards: the one in the name of the .dist-info folder.

    Only the metadata of a wheel that came by no index may say another.
    """
    version = str(pin.node.version)
    if pin.install_req.link is None and _is_wheel(pin):
        return version
    folders = (name.partition("/")[0] for name in archive.names if _METADATA.fullmatch(name))
    return next(folders, "").removesuffix(".dist-info").partition("-")[2] or version


def _is_wheel(pin: PinnedCandidate) -> bool:
    return isinstance(pin.node.distribution, Wheel)


def _order(pin: PinnedCandidate, shelf: Archives, gathering: _Gathering) -> Order:
    """What has to be fetched for a wheel; nothing but its line where the store has it."""
    link = pin.node.distribution.link
    digest = _trusted(link, pin.install_req.digests)
    archive = shelf.get(digest.value) if digest else None
    if digest is not None and archive is not None:
        gathering.ready[digest.value] = archive
        gathering.by_name[pin.name] = digest.value
        return Order(link, "", kept=archive.length)
    return download_order(pin)


def download_order(pin: PinnedCandidate) -> Order:
    """The file of a wheel, and for whom it is fetched."""
    link = pin.node.distribution.link
    # pip has forgotten whose file it is when a sidecar spared it the wheel at first.
    whose = _NOBODY if link.core_metadata is not None else pin.install_req.described(link)
    return Order(link, whose, pin.install_req.digests)


def _noted(downloads: Iterator[Downloaded], gathering: _Gathering) -> Iterator[tuple[Path, str]]:
    for one in downloads:
        if one.link.url in gathering.projects:
            gathering.by_name[gathering.projects[one.link.url]] = one.sha256
            yield one.path, one.sha256


def _built(
    pins: Sequence[PinnedCandidate], found: Resolved, shelf: Archives, gathering: _Gathering
) -> Iterator[tuple[Path, str]]:
    """The wheels of sources, from earlier builds or built now, as far as they are not unpacked."""
    if not pins:
        return
    wished = [wish(one) for one in pins]
    wheels = found.distributions.sources.wheels(wished)
    failed = [one.spelling for one, kept in zip(wished, wheels, strict=True) if kept is None]
    if failed:
        raise WheelsNotBuilt(failed, *found.distributions.sources.remedies)
    for one, kept in zip(pins, filter(None, wheels), strict=True):
        gathering.by_name[one.name] = kept.sha256
        archive = gathering.ready.get(kept.sha256) or shelf.get(kept.sha256)
        if archive is None:
            yield kept.path, kept.sha256
        else:
            gathering.ready[kept.sha256] = archive


def wish(pin: PinnedCandidate) -> Wished:
    """The wheel of a source, as its builder is asked for it."""
    distribution = pin.node.distribution
    assert not isinstance(distribution, Wheel), "a wheel need not be built"
    requirement = pin.install_req.requirement
    spelling = requirement.name if requirement else pin.node.metadata.name
    return Wished(distribution, pin.install_req, spelling, pin.node.version)


def _trusted(link: Link, digests: Sequence[Digest]) -> Digest | None:
    """The SHA-256 under which the store may have the wheel, if index and user agree on it."""
    for digest in link.digests:
        if digest.algorithm == "sha256" and (not digests or digest in digests):
            return digest
    return next((digest for digest in digests if digest.algorithm == "sha256"), None)


def _check(pin: PinnedCandidate, archive: Archive, emit: Listener) -> None:
    """See that a wheel is one, and says of itself what the file beside it on the index said."""
    node = pin.node
    check_wheel_format(archive, node.name, emit)
    infos = [name for name in archive.names if _METADATA.fullmatch(name)]
    if not infos:
        raise InstallationError(f"{node.name} has an invalid wheel, METADATA is missing")
    own = parse_metadata(archive.read(infos[0]).decode("utf-8", "surrogateescape"))
    assert_same(pin.install_req.described(node.distribution.link), node.metadata, own, emit)
