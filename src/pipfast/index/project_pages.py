"""Collect the files of a project from every index and find-links location, silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from pipfast.concurrency.thread_pool import ThreadPool
from pipfast.index.candidates import FileSource
from pipfast.index.events import SharedProject
from pipfast.index.file_sources import ListedFiles, ProjectPage
from pipfast.index.filenames import grouped
from pipfast.index.locations import (
    FileAt,
    FolderAt,
    Location,
    PageAt,
    UnusableLocation,
    folder,
    in_descending_order,
    located,
    project_page,
)
from pipfast.index.page_reader import PageReader, PageResult
from pipfast.index.pep708 import names, normalised, tracks
from pipfast.index.simple_api import digests_in, quoted
from pipfast.index.used_pages import UsedPage, used_page
from pipfast.model.events import Message
from pipfast.model.file_row import FileRow
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.link import redact
from pipfast.net.errors import NetworkError
from pipfast.net.events import HostNotTrusted
from pipfast.net.secure_origins import is_secure
from pipfast.policy.network import IndexErrors, IndexStrategy, NetworkPolicy
from pipfast.store.page_cache import CorruptEntry, Page


@dataclass(frozen=True, slots=True)
class FailedLocation:
    """A location that failed for `project`: an index or a find-links value, and its page."""

    project: NormalizedName
    place: str
    url: str
    fault: NetworkError


@dataclass(slots=True)
class ProjectFiles:
    """The files of a project, and the messages about requesting them.

    `ignored_locations` are messages about unusable locations, those of indexes first; then follow
    the `messages` about pages. `shared` is set if other indexes have other versions. `requested`
    are the addresses of the project's pages that were read.
    """

    sources: list[FileSource] = field(default_factory=list)
    ignored_locations: list[Message] = field(default_factory=list)
    messages: list[Message | FailedLocation] = field(default_factory=list)
    shared: SharedProject | None = None
    requested: list[str] = field(default_factory=list)


class LinkExplainer(Protocol):
    """Explains where the files of a project are searched, and which links are used."""

    def locations(self, project: NormalizedName, locations: Sequence[Location], /) -> None:
        """Explain where the project is searched, before that is done."""
        ...

    def page(self, url: str, /) -> None:
        """Explain that a page is about to be read."""
        ...

    def links(self, rows: Sequence[FileRow], page: str, project: NormalizedName, /) -> None:
        """Explain which links of a page are used."""
        ...

    def files(self, project: NormalizedName, locations: Sequence[Location], /) -> None:
        """Explain which locations are distributions themselves, after the pages were read."""
        ...

    def report(self, message: Message | FailedLocation, /) -> None:
        """Report a message on a location, or its failure. May raise an error of `Finder.found`."""
        ...


class ProjectFileCollector:
    """Requests a project's pages from the locations of `network`, each once, in pip's order.

    Safe for several threads; a page that another thread is reading is waited for. With an
    `explainer` the work is explained as it is done, and pages that list any project are requested
    for each project again, as pip does.
    """

    def __init__(
        self,
        network: NetworkPolicy,
        find_links: Sequence[str],
        reader: PageReader,
        pool: ThreadPool,
        explainer: LinkExplainer | None = None,
    ) -> None:
        self._network = network
        self._find_links = find_links
        self._reader = reader
        self._pool = pool
        self._first_only = network.strategy is IndexStrategy.FIRST_INDEX
        self._warns_of_rivals = network.has_rivals
        self._explainer = explainer

    def collect(self, project: NormalizedName) -> ProjectFiles:
        """Return the files of `project`; find-links first, because among equals the last wins.

        Failing locations do not raise; they are part of the result.
        """
        into = ProjectFiles()
        if self._explainer is not None:
            self._explainer.locations(project, self._all_locations(project))
        into.sources += self._from_find_links(project, into)
        about_find_links, into.ignored_locations = into.ignored_locations, []
        into.sources += self._from_indexes(project, into)
        into.ignored_locations += about_find_links
        if self._explainer is not None:
            self._explainer.files(project, self._all_locations(project))
            into.ignored_locations.clear()
        return into

    def _all_locations(self, project: NormalizedName) -> list[Location]:
        """Return the locations to search, find-links first."""
        words = [located(word, folders=True) for word in self._find_links]
        return [*words, *(location for _, location in self._indexes(project))]

    def begin(self, project: NormalizedName) -> bool:
        """Fetch the pages that do not depend on one another; return whether any was not cached.

        If only the first index counts, the pages depend on one another, unless they are compared
        for a warning. Then nothing is fetched, and cached pages are used up to the index that has
        the project.
        """
        slow = False
        asks_all = not self._first_only or self._warns_of_rivals
        for _, location in self._indexes(project):
            if not isinstance(location, PageAt) or not self._may_read(location.url):
                continue
            at_hand = self._result_at_hand(location.url, project)
            if at_hand is None and not asks_all:
                return True
            if at_hand is None:
                slow = True
                self._begin(location.url, project)
            elif not asks_all and _has_files(at_hand):
                return slow
        return slow

    def used(self, url: str, project: NormalizedName) -> UsedPage | None:
        """Return the page at `url` as a stored result refers to it, None if it cannot do so."""
        index = self._addresses(project).index(url)
        return used_page(self._reader, self._outcome(url, project), project, index, url)

    def are_unchanged(self, pages: Sequence[UsedPage]) -> bool:
        """Request `pages` at once unless they are fresh; return whether all are as before."""
        urls = [self._addresses(page.project)[page.index] for page in pages]
        for page, url in zip(pages, urls, strict=True):
            if self._result_at_hand(url, page.project) is None:
                self._begin(url, page.project)
        used = (self.used(url, page.project) for page, url in zip(pages, urls, strict=True))
        return all(page == now for page, now in zip(pages, used, strict=True))

    def _addresses(self, project: NormalizedName) -> list[str]:
        """Return the address of the project's page of each index, in order; "" without a page."""
        locations = (location for _, location in self._indexes(project))
        return [location.url if isinstance(location, PageAt) else "" for location in locations]

    def _result_at_hand(self, url: str, project: NormalizedName) -> PageResult | None:
        """Return the result for `url` if it needs no waiting."""
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

    def _outcome(self, url: str, project: NormalizedName | None) -> PageResult:
        return self._pool.result((url, project), lambda: self._reader.read(url, project))

    def _indexes(self, project: NormalizedName) -> Iterator[tuple[str, Location]]:
        """Yield the indexes in the order of the strategy, with the project's page."""
        for index in self._network.indexes_of(project):
            yield index, located(project_page(index, project), folders=False)

    def _from_indexes(self, project: NormalizedName, into: ProjectFiles) -> list[FileSource]:
        sources: list[FileSource] = []
        for index, location in self._indexes(project):
            source = self._index_source(index, location, project, into)
            if source is not None:
                sources.append(source)
            if self._first_only and source is not None and source.versions:
                related = list(self._related_pages(source, index, project, into))
                if self._warns_of_rivals:
                    into.shared = self._shared(source, related, project, into)
                return [*reversed(related), source]  # among equals the first index's file is used
            if self._first_only and self._needed_page_failed(into):
                break
        return sources

    def _shared(
        self,
        source: FileSource,
        related: Sequence[FileSource],
        project: NormalizedName,
        into: ProjectFiles,
    ) -> SharedProject | None:
        """Return which indexes have other versions of the project: one may be an attacker's.

        pip would use the highest version of all. Indexes that fail are left out.
        """
        known = {source.url, *(page.url for page in related)}
        rivals = []
        for _, location in self._indexes(project):
            if isinstance(location, PageAt) and self._may_read(location.url):
                into.requested.append(location.url)
                page = self._outcome(location.url, project).page
                if page is not None and page.url not in known and page.versions:
                    rivals.append(page)
        if all(set(page.versions) == set(source.versions) for page in rivals):
            return None
        return SharedProject(
            project, redact(source.url), tuple(redact(page.url) for page in rivals)
        )

    def _needed_page_failed(self, into: ProjectFiles) -> bool:
        """Return whether a page has failed that the run needs."""
        failed = any(isinstance(each, FailedLocation) for each in into.messages)
        return failed and self._network.errors is IndexErrors.FAIL

    def _related_pages(
        self, source: FileSource, index: str, project: NormalizedName, into: ProjectFiles
    ) -> Iterator[FileSource]:
        """Yield other indexes' pages of the same project (PEP 708).

        Only indexes that the first one names are requested.
        """
        if not isinstance(source, ProjectPage):
            return
        agreed = [source]
        for other, location in self._indexes(project):
            if other == index or not isinstance(location, PageAt):
                continue
            if not names(source.page, frozenset({normalised(location.url)})):
                continue
            other_page = self._index_source(other, location, project, into)
            if not isinstance(other_page, ProjectPage):
                continue
            if tracks(source.page, other_page.addresses):
                yield other_page
            elif all(_name_each_other(page, other_page) for page in agreed):
                agreed.append(other_page)
                yield other_page

    def _index_source(
        self, index: str, location: Location, project: NormalizedName, into: ProjectFiles
    ) -> FileSource | None:
        match location:
            case UnusableLocation(warning):
                into.ignored_locations.append(warning)
                return None
            case FileAt(url):
                return _files([url], project)
            case FolderAt():
                return None
            case PageAt(url):
                page = self._page(index, url, project, into)
                return None if page is None else ProjectPage(page, url, project, self._reader)

    def _page(
        self,
        place: str,
        url: str,
        project: NormalizedName,
        into: ProjectFiles,
        *,
        is_shared: bool = False,
    ) -> Page | None:
        """Return a page, None if there is none; a page `is_shared` if it may list any project."""
        report = into.messages.append if self._explainer is None else self._explainer.report
        if not self._may_read(url):
            report(HostNotTrusted(urlsplit(url).hostname))
            return None
        listed = None if is_shared else project
        if not is_shared:
            into.requested.append(url)
        if self._explainer is None:
            outcome = self._outcome(url, listed)
        else:
            self._explainer.page(url)
            outcome = self._reader.read(url, listed)
            self._pool.set_result((url, listed), outcome)
        for message in outcome.messages:
            report(message)
        if outcome.fault is not None:
            report(FailedLocation(project, place, url, outcome.fault))
        if self._explainer is not None and outcome.page is not None:
            self._explainer.links(outcome.rows, outcome.page.url, project)
        return outcome.page

    def _may_read(self, url: str) -> bool:
        return is_secure(url, self._network.trusted_hosts)

    def _from_find_links(self, project: NormalizedName, into: ProjectFiles) -> list[FileSource]:
        """Return find-links: files first, then pages, because among equals a page wins."""
        files: list[str] = []
        pages: list[tuple[str, str]] = []
        for word in self._find_links:
            match located(word, folders=True):
                case UnusableLocation(warning):
                    into.ignored_locations.append(warning)
                case FileAt(url):
                    files.append(url)
                case FolderAt(path):
                    contents = folder(path)
                    files.extend(contents.files.get(project, ()))
                    pages.extend((word, page) for page in contents.pages)
                case PageAt(url, file):
                    files.extend([file] if file else [])
                    pages.append((word, url))
        listed: list[FileSource] = [_files(files, project)] if files else []
        for word, url in pages:
            source = self._from_shared_page(word, url, project, into)
            if source is not None:
                listed.append(source)
        return listed

    def _from_shared_page(
        self, word: str, url: str, project: NormalizedName, into: ProjectFiles
    ) -> FileSource | None:
        """Return the files of `project` on a page that may list any project."""
        page = self._page(word, url, project, into, is_shared=True)
        if page is None or not page.versions:
            return None
        try:
            rows = page.rows(0)
        except CorruptEntry:
            page = self._reader.again(url, None).page
            rows = page.rows(0) if page is not None else []
        prefix = page.prefix if page is not None else ""
        whole = [row.with_url(prefix + row.url) for row in rows]
        return ListedFiles(page.url if page is not None else url, tuple(grouped(whole, project)))


def _files(urls: Sequence[str], project: NormalizedName) -> ListedFiles:
    rows: list[FileRow] = [
        FileRow(quoted(url), digests_in(url)) for url in in_descending_order(urls)
    ]
    return ListedFiles("", tuple(grouped(rows, project)))


def _has_files(outcome: PageResult) -> bool:
    return outcome.page is not None and bool(outcome.page.versions)


def _name_each_other(first: ProjectPage, second: ProjectPage) -> bool:
    return names(first.page, second.addresses) and names(second.page, first.addresses)
