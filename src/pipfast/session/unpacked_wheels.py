"""Get the wheels of a resolution as unpacked archives: from the store, downloaded, or built."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from packaging.utils import NormalizedName

from pipfast.builds.errors import WheelsNotBuilt
from pipfast.errors import InstallationError
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest
from pipfast.fetch.wheel_metadata.pep658 import assert_same
from pipfast.model.digest import Digest
from pipfast.model.distribution import Wheel
from pipfast.model.events import Listener, Phase, Stage, indented, silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.metadata import parse_metadata
from pipfast.resolve.solve import PinnedCandidate
from pipfast.session.resolution import Resolved
from pipfast.sources.wheel_request import WheelRequest
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.wheel_format import check_wheel_format

_UNKNOWN = "unknown package"


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Where wheels are unpacked, and the workers that do it.

    With `thorough` existing bytecode is compared with its checksums.
    """

    archives: Archives
    workers: WorkerPool
    compilation: Compilation
    thorough: bool = False


@dataclass(slots=True)
class _Gathering:
    """Archives by digest, projects by wheel URL, and digests of wheels by project.

    `downloaded` are the files that are being unpacked, by digest.
    """

    ready: dict[str, Archive]
    projects: dict[str, NormalizedName]
    by_name: dict[NormalizedName, str]
    downloaded: dict[str, Downloaded]


class _GatheringSteps:
    """Reports how many files of `orders` are downloaded and unpacked."""

    def __init__(self, orders: Sequence[DownloadRequest], emit: Listener) -> None:
        self._total = sum(order.kept is None for order in orders)
        self._downloaded, self._unpacked = 0, 0
        self._emit = emit

    def counted(self, downloads: Iterator[Downloaded]) -> Iterator[Downloaded]:
        """Yield `downloads`, and report each one."""
        if self._total:
            self._emit(Stage(Phase.DOWNLOAD, 0, self._total))
        for file in downloads:
            self._downloaded += 1
            self._report(file)
            yield file

    def unpacked(self, following: Downloaded | None) -> None:
        """Report that a wheel is unpacked; `following` is one that is still being unpacked."""
        self._unpacked += 1
        self._report(following)

    def _report(self, file: Downloaded | None) -> None:
        what = file.link.filename if file is not None else ""
        if self._downloaded < self._total:
            self._emit(Stage(Phase.DOWNLOAD, self._downloaded, self._total))
        else:
            total = max(self._total, self._unpacked)
            self._emit(Stage(Phase.UNPACK, self._unpacked, total, what))


def stated_bytes(pins: Sequence[PinnedCandidate]) -> int:
    """Return the sum of the sizes that indexes state for the wheels of `pins`."""
    return sum(pin.node.distribution.link.size or 0 for pin in pins if _is_wheel(pin))


def new_bytes(pins: Sequence[PinnedCandidate], resolved: Resolved, shelf: Archives) -> int:
    """Return the same without wheels that are unpacked, or downloaded to be.

    The former may be shared, and the latter are removed one by one when they are unpacked.
    """
    return stated_bytes(
        [
            pin
            for pin in pins
            if not _is_unpacked(pin, shelf)
            and not resolved.files.takes_space(pin.node.distribution.link)
        ]
    )


def _is_unpacked(pin: PinnedCandidate, shelf: Archives) -> bool:
    digest = _trusted(pin.node.distribution.link, pin.install_req.digests)
    return digest is not None and shelf.get(digest.value) is not None


def gather_wheels(
    pins: Sequence[PinnedCandidate], resolved: Resolved, unpacking: Unpacking, emit: Listener
) -> dict[NormalizedName, Archive]:
    """Return an unpacked wheel for each of `pins`, by project.

    Files are downloaded first, in parallel. Then distributions with a metadata file are checked or
    prepared, and wheels are built. Raises InstallationError for a wheel that is invalid or differs
    from its metadata file, and what downloads and builds raise.
    """
    links = {pin.node.distribution.link.url: pin.name for pin in pins if _is_wheel(pin)}
    gathering = _Gathering({}, links, {}, {})
    built = [pin for pin in pins if not _is_wheel(pin)]
    orders = [
        _order(pin, resolved, unpacking, gathering)
        if _is_wheel(pin)
        else download_order(pin, resolved)
        for pin in pins
        if _is_wheel(pin)
        or resolved.distributions.is_described(pin.node.distribution, pin.install_req)
    ]
    steps = _GatheringSteps(orders, emit)
    downloads = steps.counted(resolved.files.many(orders))
    files = _recorded(downloads, unpacking.archives, gathering)
    _unpack(files, unpacking, gathering, resolved, steps)
    for pin in pins:
        if not _is_wheel(pin):
            resolved.distributions.complete(pin.node.distribution, pin.install_req)
        elif pin.node.distribution.link.core_metadata is not None:
            _check(pin, gathering.ready[gathering.by_name[pin.name]], resolved, emit)
    wheels = _built(built, resolved, unpacking.archives, gathering)
    _unpack(wheels, unpacking, gathering, resolved, steps)
    if unpacking.compilation.key is not None:
        emit(Stage(Phase.UNPACK, len(gathering.ready), len(gathering.ready)))
        compiled = unpacking.archives.ensure_bytecode(
            gathering.ready.values(),
            unpacking.compilation,
            unpacking.workers,
            thorough=unpacking.thorough,
        )
        gathering.ready.update(zip(gathering.ready, compiled, strict=True))
        unpacking.compilation.packs.report()
    archives = {pin.name: gathering.ready[gathering.by_name[pin.name]] for pin in pins}
    for pin in pins:
        distribution, archive = pin.node.distribution, archives[pin.name]
        if not _is_wheel(pin) or distribution.link.core_metadata is None:
            check_wheel_format(archive, pin.name, indented(emit))
        if isinstance(distribution, Wheel):
            read = partial(_document, pin, archive)
            resolved.distributions.verify(distribution, pin.install_req, read)
    return archives


def _unpack(
    wheels: Iterator[tuple[Path, str]],
    unpacking: Unpacking,
    gathering: _Gathering,
    resolved: Resolved,
    steps: _GatheringSteps,
) -> None:
    """Unpack wheels, and remove each downloaded one as soon as it is unpacked."""
    for archive in unpacking.archives.unpack(wheels, unpacking.workers, unpacking.compilation):
        sha256 = os.path.basename(archive.folder)  # noqa: PTH119
        gathering.ready[sha256] = archive
        if sha256 in gathering.downloaded:
            resolved.files.release(gathering.downloaded.pop(sha256))
        steps.unpacked(next(iter(gathering.downloaded.values()), None))


def installed_version(pin: PinnedCandidate, archive: Archive) -> str:
    """Return the version that is installed: that in the name of the .dist-info folder.

    It differs from that of the resolution only for wheels that are not from an index.
    """
    version = str(pin.node.version)
    if pin.install_req.link is None and _is_wheel(pin):
        return version
    folder = next(_metadata_files(archive), "").partition("/")[0]
    return folder.removesuffix(".dist-info").partition("-")[2] or version


def _metadata_files(archive: Archive) -> Iterator[str]:
    """Return the names of the METADATA files, of which a proper wheel has one."""
    ending = ".dist-info/METADATA"
    for name in archive.names:
        if name.endswith(ending) and len(name) > len(ending) and name.count("/") == 1:
            yield name


def _is_wheel(pin: PinnedCandidate) -> bool:
    return isinstance(pin.node.distribution, Wheel)


def _order(
    pin: PinnedCandidate, resolved: Resolved, unpacking: Unpacking, gathering: _Gathering
) -> DownloadRequest:
    """Return the download of a wheel; if the store has it, only its line is printed.

    Begins to look for bytecode that the store does not have.
    """
    link, shelf, compilation = pin.node.distribution.link, unpacking.archives, unpacking.compilation
    digest = _trusted(link, pin.install_req.digests)
    archive = shelf.get(digest.value) if digest else None
    key = compilation.key_of(link.filename)
    if digest is not None and key and (archive is None or archive.compiled(key) is None):
        compilation.packs.expect(digest.value, link.filename, link.size)
    if digest is not None and archive is not None and not resolved.files.is_hidden(link):
        gathering.ready[digest.value] = archive
        gathering.by_name[pin.name] = digest.value
        return DownloadRequest(link, "", kept=archive.length)
    order = download_order(pin, resolved)
    if digest is None:
        return order
    found = lambda: getattr(shelf.get(digest.value), "length", None)  # noqa: E731
    return replace(order, unpacked=found)


def download_order(pin: PinnedCandidate, resolved: Resolved) -> DownloadRequest:
    """Return the download of a file, with the requirement that pip names in errors."""
    link = pin.node.distribution.link
    # After it has read a metadata file, pip no longer knows for which requirement it downloads.
    hashed = resolved.collected.selection.require_hashes
    is_unknown = link.core_metadata is not None and not hashed
    requirement = _UNKNOWN if is_unknown else pin.install_req.described(link)
    return DownloadRequest(link, requirement, pin.install_req.digests, precedes_plan=hashed)


def _recorded(
    downloads: Iterator[Downloaded], shelf: Archives, gathering: _Gathering
) -> Iterator[tuple[Path, str]]:
    """Yield the wheels among the downloads that no other run has unpacked meanwhile."""
    for file in downloads:
        if file.link.url in gathering.projects:
            gathering.by_name[gathering.projects[file.link.url]] = file.sha256
            archive = None if file.path.exists() else shelf.get(file.sha256)
            if archive is not None:
                gathering.ready[file.sha256] = archive
                continue
            gathering.downloaded[file.sha256] = file
            yield file.path, file.sha256


def _built(
    pins: Sequence[PinnedCandidate], resolved: Resolved, shelf: Archives, gathering: _Gathering
) -> Iterator[tuple[Path, str]]:
    """Yield the wheels of sources that are not unpacked yet, from earlier builds or built now."""
    if not pins:
        return
    requests = [wheel_request(pin) for pin in pins]
    wheels = resolved.distributions.sources.wheels(requests)
    failed = [each.spelling for each, built in zip(requests, wheels, strict=True) if built is None]
    if failed:
        raise WheelsNotBuilt(failed, *resolved.distributions.sources.remedies)
    for pin, kept in zip(pins, filter(None, wheels), strict=True):
        gathering.by_name[pin.name] = kept.sha256
        archive = gathering.ready.get(kept.sha256) or shelf.get(kept.sha256)
        if archive is None:
            yield kept.path, kept.sha256
        else:
            gathering.ready[kept.sha256] = archive


def wheel_request(pin: PinnedCandidate) -> WheelRequest:
    """Return the request to build the wheel of a source."""
    distribution = pin.node.distribution
    assert not isinstance(distribution, Wheel), "a wheel is not built"
    requirement = pin.install_req.requirement
    spelling = requirement.name if requirement else pin.node.metadata.name
    return WheelRequest(distribution, pin.install_req, spelling, pin.node.version)


def _trusted(link: Link, digests: Sequence[Digest]) -> Digest | None:
    """Return the SHA-256 of the wheel, if it decides alone which file is accepted.

    It does not if the index states further digests, which the file must match too, or if the user
    gives others. With several SHA-256 of the user, the index tells which one its file has.
    """
    expected = set(digests) & set(link.digests) or set(digests or link.digests)
    sha256 = [digest for digest in expected if digest.algorithm == "sha256"]
    return sha256[0] if len(sha256) == len(expected) == 1 else None


def _document(pin: PinnedCandidate, archive: Archive) -> bytes:
    """Return the METADATA document of an unpacked wheel.

    Raises InstallationError if there is none.
    """
    name = next(_metadata_files(archive), None)
    if name is None:
        raise InstallationError(f"{pin.node.name} has an invalid wheel, METADATA is missing")
    return archive.read(name)


def _check(pin: PinnedCandidate, archive: Archive, resolved: Resolved, emit: Listener) -> None:
    """Check that a wheel is valid and agrees with its metadata file on the index.

    If hashes are required, pip does not use that file and reports nothing about it.
    """
    node = pin.node
    check_wheel_format(archive, node.name, emit)
    own = parse_metadata(_document(pin, archive).decode("utf-8", "surrogateescape"))
    listen = silent if resolved.collected.selection.require_hashes else emit
    assert_same(pin.install_req.described(node.distribution.link), node.metadata, own, listen)
