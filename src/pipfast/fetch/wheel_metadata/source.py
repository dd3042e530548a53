"""Read a candidate's metadata with as little data as possible.

In order: the store; the metadata file (PEP 658, 714), which sdists may have too; the end of the
wheel with range requests; the whole wheel, which is kept for the rest of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from packaging.utils import NormalizedName

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.errors import InstallationError, NotNative, OwnInstallationError, PipfastError
from pipfast.fetch.downloads.descriptions import unobtainable
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest
from pipfast.fetch.downloads.hash_check import HashError, HashMissing, StreamDigests, check
from pipfast.fetch.events import FileAnnounced, MetadataFileUnused, MetadataRequested
from pipfast.fetch.wheel_metadata.pep658 import read_beside
from pipfast.fetch.wheel_metadata.remote_zip import RemoteFile
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Wheel
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link, redact
from pipfast.model.metadata import Metadata, parse_metadata
from pipfast.net.client import Client
from pipfast.net.errors import (
    HTTPStatusError,
    IncompleteDownloadError,
    NetworkError,
    RangesUnsupportedError,
)
from pipfast.net.secure_origins import pip_caches
from pipfast.policy.detail import Detail
from pipfast.store.filesystem.root import Store
from pipfast.store.metadata_cache import CachedMetadata, MetadataCache

_SMALL = 96 * 1024
"""Wheels up to this size are read completely: two range requests would take longer."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Metadata, with pip's messages about getting it."""

    kept: CachedMetadata
    cached: bool


class _Spoilt(Exception):
    """What was read is unusable; pip reports the read, and then the reason."""

    def __init__(self, size: int | None, fault: PipfastError, *, sidecar: bool) -> None:
        super().__init__(fault.message)
        self.size = size
        self.sidecar = sidecar
        self.fault = fault


class PartsDiffer(OwnInstallationError):
    """The metadata that a server sent for parts of the wheel `filename` is not that of the file."""

    def __init__(self, requirement: str, filename: str) -> None:
        super().__init__()
        self.requirement = requirement
        self.filename = filename


class WheelMetadataReader:
    """Reads metadata of wheels, each once, in advance if `prefetch` was called.

    For sdists it reads the metadata file, if there is one. With `require_hashes` a wheel's
    metadata file is used too: the wheel itself is verified before anything is installed.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        files: Downloader,
        emit: Listener = silent,
        *,
        require_hashes: bool = False,
    ) -> None:
        self._client = client.indented()
        self._shelf = MetadataCache(store)
        self._files = files
        self._emit = emit
        self._require_hashes = require_hashes
        self._detail = client.policy.detail
        self._pool = ThreadPool()
        self._no_ranges: set[str] = set()
        self._unverified: set[str] = set()
        self._required: dict[str, tuple[Digest, ...]] = {}

    @property
    def explains(self) -> bool:
        """Return whether the run explains itself."""
        return self._detail.explains

    def of(
        self,
        candidate: Candidate,
        requirement: str = "",
        digests: Sequence[Digest] = (),
        *,
        is_direct: bool = False,
    ) -> Metadata:
        """Return the metadata of `candidate`, and report it (``Downloading …``) now.

        `requirement` is named in errors; if the user named the file (`is_direct`), the file is.
        With `digests` (the user's) the file must match one. Raises NotNative for an sdist without
        a metadata file, MetadataFileMissing, HashError, UnsupportedWheel, InvalidWheel,
        NetworkError.
        """
        _check_readable(candidate)
        link = candidate.link
        order = DownloadRequest(link, requirement, tuple(digests), is_direct=is_direct)
        try:
            if isinstance(candidate, Wheel):
                self._files.look(link, digests if self._require_hashes else order.expected)
                self._explain(order)
            read = self._wanted(candidate, order)
        except _Spoilt as spoilt:
            self._say(link, spoilt.size, sidecar=spoilt.sidecar)
            raise spoilt.fault from None
        self._say(link, read.kept.size, sidecar=read.kept.sidecar, cached=read.cached)
        return read.kept.metadata

    def _explain(self, order: DownloadRequest) -> None:
        """Report where the metadata will come from, if a message is wanted and pip has one."""
        link = order.link
        if not self._detail.explains or link.is_local or self._files.is_beside(link):
            return
        if self._require_hashes:
            self._emit(MetadataFileUnused(depth=1))
        elif link.core_metadata is not None:
            requirement = order.requirement.partition(" from ")[0]
            address = redact(f"{link.url}.metadata")
            self._emit(MetadataRequested(requirement, address, depth=1))

    def _wanted(self, candidate: Candidate, order: DownloadRequest) -> _Read:
        """Return the result, prefetched or not; errors that name the requirement are created anew.

        Prefetching knows neither the requirement nor its digests. The file is verified within the
        task, so that none that begins meanwhile requests it as well.
        """
        key = _key(candidate.link)
        is_verified = False

        def read() -> _Read:
            nonlocal is_verified
            is_verified = True
            if isinstance(candidate, Wheel):
                self._see_to(order)
            return self._read(candidate, order.requirement)

        try:
            result = self._pool.result(key, read)
        except (_Spoilt, InstallationError) as fault:
            if is_verified:
                raise
            if isinstance(fault.__cause__, HTTPStatusError):
                raise unobtainable(candidate.link, order.requirement, fault.__cause__) from None
            if isinstance(fault, _Spoilt) and isinstance(fault.fault, NetworkError):
                raise  # it names no requirement
            self._pool.discard(key)
            return self._pool.result(key, read)
        if isinstance(candidate, Wheel) and not is_verified:
            self._see_to(order)
        return result

    def _see_to(self, order: DownloadRequest) -> None:
        """Verify a file whose digest is checked before its metadata.

        Raises _Spoilt with HashMissing or HashMismatch.
        """
        link = order.link
        if self._require_hashes and not order.digests:
            unsaid = replace(link, digests=())  # the index's own digest does not count
            downloaded = self._whole(DownloadRequest(unsaid, order.requirement))
            missing = HashMissing(order.name_without_hash, downloaded.digests[0])
            raise _Spoilt(downloaded.size, missing, sidecar=False)
        if order.digests:
            self._required[link.url] = order.digests
        if link.is_local or (order.digests and not _claims(link, order.digests)):
            self._whole(order)

    def _whole(self, order: DownloadRequest) -> Downloaded:
        try:
            return self._files.one(order)
        except HashError as fault:
            raise _Spoilt(self._files.size(order.link), fault, sidecar=False) from None
        except IncompleteDownloadError as fault:
            raise _Spoilt(fault.total, fault, sidecar=False) from None
        except HTTPStatusError as fault:
            raise unobtainable(order.link, order.requirement, fault) from fault

    def without_sidecar(self, candidate: Wheel, requirement: str = "") -> Metadata:
        """Return the metadata from the wheel itself, for a caller that ignores a missing file.

        Later calls of `of` return the same. Raises the errors of `of` for a wheel without a
        metadata file, before anything is reported.
        """
        try:
            kept = self._from_wheel(candidate, requirement)
        except _Spoilt as spoilt:
            raise spoilt.fault from None
        self._say(candidate.link, kept.size, sidecar=False)
        key = _key(candidate.link)
        self._pool.discard(key)
        self._pool.set_result(key, _Read(kept, cached=False))
        return kept.metadata

    def prefetch(
        self, candidate: Candidate, then: Callable[[Metadata], object] | None = None
    ) -> bool:
        """Start reading the metadata without waiting; return whether that needs the network.

        `then` is called with it, in another thread, if it had to be fetched.
        """
        link = candidate.link
        if link.is_file or not _is_readable(candidate):
            return False
        if isinstance(candidate, Wheel) and self._files.lies_ready(link):
            return False
        if _key(link) in self._pool:
            return False
        kept = self._kept(candidate)
        if kept is not None:
            self._pool.set_result(_key(link), _Read(kept, cached=True))
            return False

        after = None if then is None else (lambda read: then(read.kept.metadata))
        return self._pool.submit(_key(link), lambda: self._read(candidate, ""), after)

    def at_hand(self, candidate: Candidate) -> Metadata | None:
        """Return the metadata if it is available without a request."""
        if candidate.link.is_file or not _is_readable(candidate):
            return None
        kept = self._shelf.read(candidate.link)
        return None if kept is None else kept.metadata

    def document(self, candidate: Candidate) -> str:
        """Return the METADATA document of a candidate whose metadata was read in this run.

        Raises the errors of `of`.
        """
        _check_readable(candidate)
        read = self._pool.result(_key(candidate.link), lambda: self._read(candidate, ""))
        return read.kept.document

    @property
    def has_unverified(self) -> bool:
        """Return whether metadata was read in this run that no digest proves."""
        return bool(self._unverified)

    def is_verified(self, wheel: Wheel) -> bool:
        """Return whether the metadata of a wheel is that of its file, as far as is known."""
        return wheel.link.url not in self._unverified

    def verify(self, wheel: Wheel, requirement: str, document: bytes) -> None:
        """Compare metadata that was read by range requests with the `document` in the file.

        The file was verified; later runs may use its metadata then. Raises PartsDiffer.
        """
        link = wheel.link
        read = self._pool.result(_key(link), lambda: self._read(wheel, requirement)).kept
        if read.metadata != parse_metadata(document.decode("utf-8", "surrogateescape")):
            raise PartsDiffer(requirement, link.filename)
        self._unverified.discard(link.url)
        self._store(link, read)

    def close(self) -> None:
        """Stop prefetching."""
        self._pool.close()

    def _read(self, candidate: Candidate, requirement: str) -> _Read:
        link = candidate.link
        if isinstance(candidate, Wheel) and (link.is_local or self._files.is_beside(link)):
            return _Read(self._from_file(candidate, requirement), cached=False)
        is_hidden = link.is_file or self._files.is_hidden(link)
        kept = None if is_hidden else self._kept(candidate)
        if kept is not None:
            return _Read(kept, cached=True)
        # what is reported about required hashes is that pip reads the wheel itself
        is_whole = self._require_hashes and self._detail is Detail.EVERYTHING
        if link.core_metadata is not None and not (is_whole or self._reports_size(candidate)):
            kept = self._from_sidecar(link, requirement)
        else:
            assert isinstance(candidate, Wheel), "an sdist is read by its sidecar alone"
            kept = self._from_wheel(candidate, requirement)
        if link.url not in self._unverified:
            self._store(link, kept)
        return _Read(kept, cached=False)

    def _kept(self, candidate: Candidate) -> CachedMetadata | None:
        """Return the stored metadata, unless they are of another file than is reported."""
        kept = self._shelf.read(candidate.link)
        is_beside = candidate.link.core_metadata is not None and not self._reports_size(candidate)
        return kept if kept is not None and kept.sidecar == is_beside else None

    def _reports_size(self, candidate: Candidate) -> bool:
        """Return whether the size of the wheel is reported, and only the wheel itself has it."""
        is_wheel = isinstance(candidate, Wheel)
        return is_wheel and self._require_hashes and candidate.link.size is None

    def _store(self, link: Link, kept: CachedMetadata) -> None:
        """Store metadata for later runs, unless a digest of the user contradicts the index."""
        user_decides = not set(link.digests) <= set(self._required.get(link.url, link.digests))
        if link.digests and not link.is_file and not user_decides:
            self._shelf.write(link, kept)

    def _from_sidecar(self, link: Link, requirement: str) -> CachedMetadata:
        content = read_beside(link, self._client)
        expected = link.core_metadata or ()
        digester = StreamDigests(expected)
        digester.update(content)
        try:
            check(requirement or link.filename, expected, digester.digests())
        except HashError as fault:
            raise _Spoilt(len(content), fault, sidecar=True) from None
        return CachedMetadata.of(content, len(content), sidecar=True)

    def _from_wheel(self, wheel: Wheel, requirement: str) -> CachedMetadata:
        """Use range requests, unless the wheel is small or local, or the host lacks support."""
        link = wheel.link
        host = link.url.split("/", 3)[2]
        small = link.is_file or (link.size is not None and link.size <= _SMALL)
        small |= self._detail is Detail.EVERYTHING  # pip reads it completely
        if not (small or link.page is None or self._files.have(link) or host in self._no_ranges):
            try:
                return self._from_ranges(wheel, requirement)
            except RangesUnsupportedError:
                self._no_ranges.add(host)
            except HTTPStatusError as fault:
                raise unobtainable(link, requirement, fault) from fault
        try:
            return self._from_file(wheel, requirement)
        except HTTPStatusError as fault:
            raise unobtainable(link, requirement, fault) from fault

    def _from_ranges(self, wheel: Wheel, requirement: str) -> CachedMetadata:
        """Use range requests. If the server ignores ranges, the whole wheel is kept."""
        link = wheel.link
        order = DownloadRequest(link, requirement or link.filename)
        file = RemoteFile(self._client, link.url, lambda whole: self._files.take(order, whole))
        try:
            document = _document(cast("BinaryIO", file), wheel.name, link.filename)
        except InstallationError as fault:
            raise _Spoilt(file.size, fault, sidecar=False) from None
        self._unverified.add(link.url)
        return CachedMetadata.of(document, file.size, sidecar=False)

    def _from_file(self, wheel: Wheel, requirement: str) -> CachedMetadata:
        link = wheel.link
        required = self._required.get(link.url, ())
        downloaded = self._whole(DownloadRequest(link, requirement or link.filename, required))
        try:
            with downloaded.path.open("rb") as file:
                document = _document(file, wheel.name, str(downloaded.path))
        except InstallationError as fault:
            raise _Spoilt(downloaded.size, fault, sidecar=False) from None
        return CachedMetadata.of(document, downloaded.size, sidecar=False)

    def _say(self, link: Link, size: int | None, *, sidecar: bool, cached: bool = False) -> None:
        """Report that metadata is read, from its file or from the wheel, like pip."""
        if link.is_local or self._files.is_beside(link):
            return
        if sidecar and not self._require_hashes:
            kept = cached and pip_caches(link.url, self._client.policy.trusted_hosts)
            self._emit(FileAnnounced(f"{link.url}.metadata", size, kept, depth=1))
            return
        whole_size = link.size if sidecar else size
        self._files.announce(link, whole_size, depth=1, cached=cached)


def _is_readable(candidate: Candidate) -> bool:
    """Return whether metadata is available without a build."""
    return isinstance(candidate, Wheel) or candidate.link.core_metadata is not None


def _check_readable(candidate: Candidate) -> None:
    if not _is_readable(candidate):
        raise NotNative(f"{candidate.link.filename} has to be built")


def _document(file: BinaryIO, name: NormalizedName, location: str) -> bytes:
    from pipfast.fetch.wheel_metadata.wheel_file import (
        read_document,  # zipfile: few runs open a wheel here
    )

    return read_document(file, name, location)


def _claims(link: Link, digests: Sequence[Digest]) -> bool:
    """Return whether the index states one of the user's digests for the file."""
    return link.page is not None and not set(digests).isdisjoint(link.digests)


def _key(link: Link) -> str:
    """Return the key of a task: by metadata file for a wheel that has one, else by address."""
    return link.url if link.core_metadata is None else f"{link.url}.metadata"
