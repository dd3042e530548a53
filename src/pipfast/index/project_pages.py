"""All that is known of a project, put together from every place that may have it: no word said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.index.candidates import Source
from pipfast.index.filenames import grouped
from pipfast.index.locations import (
    FileAt,
    FolderAt,
    Location,
    Nowhere,
    PageAt,
    folder,
    in_descending_order,
    located,
    project_page,
)
from pipfast.index.page_reader import Outcome, PageReader
from pipfast.index.pep708 import names, plain, tracks
from pipfast.index.simple_api import Row, fragment_digests, quoted
from pipfast.model.events import Message, Said
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.net.errors import NetworkError
from pipfast.net.events import HostNotTrusted
from pipfast.net.secure_origins import is_secure
from pipfast.policy.network import IndexErrors, IndexStrategy, NetworkPolicy
from pipfast.store.page_cache import CorruptEntry, Page


@dataclass(frozen=True, slots=True)
class Blame:
    """A place that failed: an index or a find-links word."""

    place: str
    fault: NetworkError


@dataclass(slots=True)
class Gathered:
    """What the places have of a project, and what is to be said of asking them.

    `nowhere` is said of places that are none, those of the indexes first; then `said`, of pages.
    """

    sources: list[Source] = field(default_factory=list)
    nowhere: list[Said] = field(default_factory=list)
    said: list[Message | Said | Blame] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """Files of a project that were found elsewhere than on a page of its own."""

    url: str
    groups: tuple[tuple[str, list[Row]], ...]
    prefix: str = ""

    @property
    def versions(self) -> Sequence[str]:
        """The versions, descending."""
        return tuple(version for version, _ in self.groups)

    def rows(self, position: int) -> list[Row]:
        """The files of one of them."""
        return self.groups[position][1]


@dataclass(frozen=True, slots=True)
class Kept:
    """A project's own page; if what is kept of it proves broken it is asked for again."""

    page: Page
    address: str
    project: NormalizedName
    reader: PageReader

    @property
    def url(self) -> str:
        """Where the page came from."""
        return self.page.url

    @property
    def addresses(self) -> frozenset[str]:
        """Where it was asked for and where it came from, as `plain` writes it."""
        return frozenset({plain(self.address), plain(self.page.url)})

    @property
    def prefix(self) -> str:
        """What the rows' URLs lack."""
        return self.page.prefix

    @property
    def versions(self) -> Sequence[str]:
        """The versions, descending."""
        return self.page.versions

    def stamp(self) -> tuple[str, int, float] | None:
        """The kept page's file, its number on the disk and its lifetime; None if it is not kept."""
        place = self.reader.kept_at(self.address, self.project)
        return (*place, self.page.validity.lifetime) if place else None

    def rows(self, position: int) -> list[Row]:
        """The files of one of them."""
        try:
            return self.page.rows(position)
        except CorruptEntry:
            page = self.reader.again(self.address, self.project).page
        version = self.page.versions[position]
        if page is None or version not in page.versions:
            return []
        cut = len(self.page.prefix)
        rows = page.rows(list(page.versions).index(version))
        if page.prefix == self.page.prefix:
            return rows
        return [[(page.prefix + row[0])[cut:], *row[1:]] for row in rows]


class Gatherer:
    """Asks the places of `network` for a project, each page once, in pip's order.

    Safe for use by several threads; a page that another thread has begun is waited for.
    """

    def __init__(
        self,
        network: NetworkPolicy,
        find_links: Sequence[str],
        reader: PageReader,
        pool: ThreadPool,
    ) -> None:
        self._network = network
        self._find_links = find_links
        self._reader = reader
        self._pool = pool
        self._first_only = network.strategy is IndexStrategy.FIRST_INDEX

    def gather(self, project: NormalizedName) -> Gathered:
        """What there is of `project`; find-links first, since of equals the last wins.

        Nothing is raised for a place that fails: it is blamed in what is to be said.
        """
        into = Gathered()
        into.sources += self._beside(project, into)
        beside, into.nowhere = into.nowhere, []
        into.sources += self._from_indexes(project, into)
        into.nowhere += beside
        return into

    def begin(self, project: NormalizedName) -> bool:
        """Have the pages that do not depend on one another fetched; whether any was not at hand.

        Where only the first index counts, the pages do depend on one another: then nothing is
        begun, and what is at hand is taken up until the index that has the project.
        """
        slow = False
        for _, location in self._indexes(project):
            if not isinstance(location, PageAt) or not self._may_read(location.url):
                continue
            at_hand = self._take_up(location.url, project)
            if at_hand is None and self._first_only:
                return True
            if at_hand is None:
                slow = True
                self._begin(location.url, project)
            elif self._first_only and _has_files(at_hand):
                return slow
        return slow

    def _take_up(self, url: str, project: NormalizedName) -> Outcome | None:
        """The outcome for `url` if it costs no waiting."""
        key = (url, project)
        if self._pool.is_done(key):
            return self._outcome(url, project)
        if key in self._pool:
            return None
        outcome = self._reader.at_hand(url, project)
        if outcome is not None:
            self._pool.set_result(key, outcome)
        return outcome

    def _begin(self, url: str, project: NormalizedName) -> None:
        self._pool.submit((url, project), lambda: self._reader.read(url, project))

    def _outcome(self, url: str, project: NormalizedName | None) -> Outcome:
        return self._pool.result((url, project), lambda: self._reader.read(url, project))

    def _indexes(self, project: NormalizedName) -> Iterator[tuple[str, Location]]:
        """The indexes in the order that the strategy asks them, with the project's page."""
        urls = tuple(dict.fromkeys(self._network.index_urls))
        if self._first_only:
            urls = (*urls[1:], *urls[:1])
        for index in urls:
            yield index, located(project_page(index, project), folders=False)

    def _from_indexes(self, project: NormalizedName, into: Gathered) -> list[Source]:
        sources: list[Source] = []
        for index, location in self._indexes(project):
            source = self._index_source(index, location, project, into)
            if source is not None:
                sources.append(source)
            if self._first_only and source is not None and source.versions:
                relatives = list(self._relatives(source, index, project, into))
                return [*reversed(relatives), source]  # of equals the first index's is taken
            if self._first_only and self._is_over(into):
                break
        return sources

    def _is_over(self, into: Gathered) -> bool:
        """Whether a page has failed that the run cannot go on without."""
        failed = any(isinstance(said, Blame) for said in into.said)
        return failed and self._network.errors is IndexErrors.FAIL

    def _relatives(
        self, source: Source, index: str, project: NormalizedName, into: Gathered
    ) -> Iterator[Source]:
        """The pages of other indexes that are of the same project (PEP 708).

        No index is asked that the first one does not name.
        """
        if not isinstance(source, Kept):
            return
        agreed = [source]
        for other, location in self._indexes(project):
            if other == index or not isinstance(location, PageAt):
                continue
            if not names(source.page, frozenset({plain(location.url)})):
                continue
            relative = self._index_source(other, location, project, into)
            if not isinstance(relative, Kept):
                continue
            if tracks(source.page, relative.addresses):
                yield relative
            elif all(_name_each_other(one, relative) for one in agreed):
                agreed.append(relative)
                yield relative

    def _index_source(
        self, index: str, location: Location, project: NormalizedName, into: Gathered
    ) -> Source | None:
        match location:
            case Nowhere(said):
                into.nowhere.append(said)
                return None
            case FileAt(url):
                return _files([url], project)
            case FolderAt():
                return None
            case PageAt(url):
                page = self._page(index, url, project, into)
                return None if page is None else Kept(page, url, project, self._reader)

    def _page(
        self, place: str, url: str, project: NormalizedName | None, into: Gathered
    ) -> Page | None:
        if not self._may_read(url):
            into.said.append(HostNotTrusted(urlsplit(url).hostname))
            return None
        outcome = self._outcome(url, project)
        into.said.extend(outcome.said)
        if outcome.fault is not None:
            into.said.append(Blame(place, outcome.fault))
        return outcome.page

    def _may_read(self, url: str) -> bool:
        return is_secure(url, self._network.trusted_hosts)

    def _beside(self, project: NormalizedName, into: Gathered) -> list[Source]:
        """Find-links: files first, then pages, so that of equals a page wins."""
        files: list[str] = []
        pages: list[tuple[str, str]] = []
        for word in self._find_links:
            match located(word, folders=True):
                case Nowhere(said):
                    into.nowhere.append(said)
                case FileAt(url):
                    files.append(url)
                case FolderAt(path):
                    contents = folder(path)
                    files.extend(contents.files.get(project, ()))
                    pages.extend((word, page) for page in contents.pages)
                case PageAt(url, file):
                    files.extend([file] if file else [])
                    pages.append((word, url))
        listed: list[Source] = [_files(files, project)] if files else []
        for word, url in pages:
            source = self._loose(word, url, project, into)
            if source is not None:
                listed.append(source)
        return listed

    def _loose(self, word: str, url: str, project: NormalizedName, into: Gathered) -> Source | None:
        """The files of `project` on a page that may name any project's."""
        page = self._page(word, url, None, into)
        if page is None or not page.versions:
            return None
        try:
            rows = page.rows(0)
        except CorruptEntry:
            page = self._reader.again(url, None).page
            rows = page.rows(0) if page is not None else []
        prefix = page.prefix if page is not None else ""
        whole = [[prefix + row[0], *row[1:]] for row in rows]
        return Listed(page.url if page is not None else url, tuple(grouped(whole, project)))


def _files(urls: Sequence[str], project: NormalizedName) -> Listed:
    rows: list[Row] = [
        [quoted(url), fragment_digests(url), None, None, None] for url in in_descending_order(urls)
    ]
    return Listed("", tuple(grouped(rows, project)))


def _has_files(outcome: Outcome) -> bool:
    return outcome.page is not None and bool(outcome.page.versions)


def _name_each_other(one: Kept, other: Kept) -> bool:
    return names(one.page, other.addresses) and names(other.page, one.addresses)
