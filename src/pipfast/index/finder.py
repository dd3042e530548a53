"""The door of the room: a project's name in, what there is of it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.index.found import Found, Source
from pipfast.index.locations import (
    FileAt,
    FolderAt,
    Location,
    Nowhere,
    PageAt,
    at_home,
    folder,
    in_descending_order,
    located,
    project_page,
)
from pipfast.index.names import grouped
from pipfast.index.pages import Outcome, PageReader
from pipfast.index.select import Judge
from pipfast.index.simple import Row, fragment_digests, quoted
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.link import redact
from pipfast.net.client import Client
from pipfast.net.flights import Flights
from pipfast.net.origins import is_secure, untrusted_warning
from pipfast.policy.network import IndexErrors, IndexStrategy
from pipfast.policy.selection import SelectionPolicy
from pipfast.store.folder import Store
from pipfast.store.pages import CorruptEntry, Page, Pages


class IndexFault(InstallationError):
    """An index answered with an error, and the policy is not to go on without it."""

    def __init__(self, index: str, why: str) -> None:
        super().__init__(
            f"The index {redact(index)} could not be read: {why}",
            hint="To go on without an index that fails, as pip does: PIPFAST_INDEX_ERRORS=skip",
        )
        self.index = index


@dataclass(frozen=True, slots=True)
class _Listed:
    """Files of a project that were found elsewhere than on a page of its own."""

    url: str
    groups: tuple[tuple[str, list[Row]], ...]
    prefix: str = ""

    @property
    def versions(self) -> Sequence[str]:
        return tuple(version for version, _ in self.groups)

    def rows(self, position: int) -> list[Row]:
        return self.groups[position][1]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A project's own page; if what is kept of it proves broken it is asked for again."""

    page: Page
    address: str
    project: NormalizedName
    reader: PageReader

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def prefix(self) -> str:
        return self.page.prefix

    @property
    def versions(self) -> Sequence[str]:
        return self.page.versions

    def rows(self, position: int) -> list[Row]:
        try:
            return self.page.rows(position)
        except CorruptEntry:
            page = self.reader.again(self.address, self.project).page
        version = self.page.versions[position]
        if page is None or version not in page.versions:
            return []
        cut = len(self.page.prefix)
        rows = page.rows(page.versions.index(version))
        if page.prefix == self.page.prefix:
            return rows
        return [[(page.prefix + row[0])[cut:], *row[1:]] for row in rows]


class Finder:
    """Finds what there is of a project on the indexes and find-links of the client's policy.

    Each page is asked for once a run, ahead of time where `prefetch` was called, and parsed once
    a machine. `tags` are the target's, best first; `python_version` is its version.
    """

    def __init__(
        self,
        selection: SelectionPolicy,
        client: Client,
        store: Store,
        tags: Sequence[Tag],
        python_version: tuple[int, int, int],
        emit: Listener = silent,
    ) -> None:
        network = client.policy
        self._network = network
        self._selection = selection
        self._judge = Judge(tags, python_version, selection)
        self._reader = PageReader(client, Pages(store))
        self._emit = emit
        self._flights = Flights()
        self._found: dict[NormalizedName, Found] = {}
        self._find_links = tuple(dict.fromkeys(at_home(word) for word in network.find_links))
        self._blamed: set[str] = set()

    def found(self, project: NormalizedName) -> Found:
        """What there is of `project`; waits for pages that are still under way.

        Raises IndexFault where an index fails and the policy says so; InstallationError where
        ``--uploaded-prior-to`` needs times that an index does not give.
        """
        known = self._found.get(project)
        if known is not None:
            return known
        sources = [*self._beside(project), *self._from_indexes(project)]
        found = Found(project, sources, self._judge, self._selection)
        if self._selection.uploaded_prior_to is not None:
            found.judge_all()
        self._found[project] = found
        return found

    def prefetch(self, project: NormalizedName) -> bool:
        """Have the pages of `project` fetched, without waiting; whether that takes the network.

        What may be used without asking is read at once: that costs less than a thread.
        """
        if project in self._found:
            return False
        if self._network.strategy is IndexStrategy.FIRST_INDEX:
            return self._ahead_in_order(project)
        begun = False
        for index in self._network.index_urls:
            location = located(project_page(index, project), folders=False)
            if isinstance(location, PageAt) and self._may_read(location.url):
                begun |= self._begin(location.url, project)
        return begun

    def requires_python_skipped(self) -> tuple[str, ...]:
        """``V Requires-Python S`` of every file that was passed over for it, in the whole run.

        pip names those of all projects it has looked at, not only of the one that fails.
        """
        reasons = {
            because for found in self._found.values() for because in found.refused_by_python()
        }
        return tuple(sorted(reasons))

    def close(self) -> None:
        """Stop working ahead."""
        self._flights.close()

    # Indexes

    def _ahead_in_order(self, project: NormalizedName) -> bool:
        """Ask one index after the other in the background, until one has the project."""
        pages = [
            location.url
            for _, location in self._indexes(project)
            if isinstance(location, PageAt) and self._may_read(location.url)
        ]
        while pages and not self._flights.has((pages[0], project)):
            outcome = self._reader.at_hand(pages[0], project)
            if outcome is None:
                return self._flights.begin(("chain", project), lambda: self._chain(pages, project))
            self._flights.put((pages.pop(0), project), outcome)
            if outcome.page is not None and outcome.page.versions:
                break
        return False

    def _chain(self, urls: Sequence[str], project: NormalizedName) -> None:
        for url in urls:
            page = self._outcome(url, project).page
            if page is not None and page.versions:
                return

    def _begin(self, url: str, project: NormalizedName) -> bool:
        key = (url, project)
        if self._flights.has(key):
            return False
        outcome = self._reader.at_hand(url, project)
        if outcome is not None:
            self._flights.put(key, outcome)
            return False
        return self._flights.begin(key, lambda: self._reader.read(url, project))

    def _outcome(self, url: str, project: NormalizedName | None) -> Outcome:
        return self._flights.result((url, project), lambda: self._reader.read(url, project))

    def _indexes(self, project: NormalizedName) -> Iterator[tuple[str, Location]]:
        """The indexes in the order that the strategy asks them, with the project's page."""
        urls = tuple(dict.fromkeys(self._network.index_urls))
        if self._network.strategy is IndexStrategy.FIRST_INDEX:
            urls = (*urls[1:], *urls[:1])
        for index in urls:
            yield index, located(project_page(index, project), folders=False)

    def _from_indexes(self, project: NormalizedName) -> list[Source]:
        first_only = self._network.strategy is IndexStrategy.FIRST_INDEX
        sources: list[Source] = []
        for index, location in self._indexes(project):
            source = self._index_source(index, location, project)
            if source is None:
                continue
            sources.append(source)
            if first_only and source.versions:
                return [source, *self._relatives(source, index, project)]
        return sources

    def _relatives(self, source: Source, index: str, project: NormalizedName) -> Iterator[Source]:
        """The pages of other indexes that are the same project by PEP 708: each names the other."""
        if not isinstance(source, _Kept) or not source.page.related:
            return
        named = {_plain(address) for address in source.page.related}
        own = {_plain(source.address), _plain(source.url)}
        for other, location in self._indexes(project):
            if other == index or not isinstance(location, PageAt):
                continue
            if _plain(location.url) not in named:
                continue
            relative = self._index_source(other, location, project)
            if isinstance(relative, _Kept) and own & set(map(_plain, relative.page.related)):
                yield relative

    def _index_source(
        self, index: str, location: Location, project: NormalizedName
    ) -> Source | None:
        match location:
            case Nowhere(said):
                self._emit(said)
                return None
            case FileAt(url):
                return self._files([url], project)
            case FolderAt():
                return None
            case PageAt(url):
                return self._own_page(index, url, project)

    def _own_page(self, index: str, url: str, project: NormalizedName) -> Source | None:
        if not self._may_read(url):
            self._emit(Said(Level.WARNING, untrusted_warning(url)))
            return None
        page = self._told(self._outcome(url, project), index)
        return None if page is None else _Kept(page, url, project, self._reader)

    def _may_read(self, url: str) -> bool:
        return is_secure(url, self._network.trusted_hosts)

    def _told(self, outcome: Outcome, place: str) -> Page | None:
        """Say what came of a page, when it is wanted; each place is blamed once."""
        for said in outcome.said:
            self._emit(said)
        fault = outcome.fault
        if fault is not None:
            if self._network.errors is IndexErrors.FAIL:
                raise IndexFault(place, fault.why) from fault
            if place not in self._blamed:
                self._blamed.add(place)
                text = f"Could not fetch URL {fault.url}: {fault.why} - skipping"
                self._emit(Said(Level.WARNING, text))
        return outcome.page

    # Beside the indexes

    def _beside(self, project: NormalizedName) -> list[Source]:
        """Find-links: files first, then pages, so that of equals a page wins."""
        files: list[str] = []
        pages: list[tuple[str, str]] = []
        for word in self._find_links:
            match located(word, folders=True):
                case Nowhere(said):
                    self._emit(said)
                case FileAt(url):
                    files.append(url)
                case FolderAt(path):
                    contents = folder(path)
                    files.extend(contents.files.get(project, ()))
                    pages.extend((word, page) for page in contents.pages)
                case PageAt(url, file):
                    files.extend([file] if file else [])
                    pages.append((word, url))
        listed = [self._files(files, project)] if files else []
        return listed + [
            source for word, url in pages if (source := self._loose(word, url, project)) is not None
        ]

    def _files(self, urls: Sequence[str], project: NormalizedName) -> Source:
        rows: list[Row] = [
            [
                quoted(url) if not url.startswith("file:") else url,
                fragment_digests(url),
                None,
                None,
                None,
            ]
            for url in in_descending_order(urls)
        ]
        return _Listed("", tuple(grouped(rows, project)))

    def _loose(self, word: str, url: str, project: NormalizedName) -> Source | None:
        """The files of `project` on a page that may name any project's."""
        if not self._may_read(url):
            self._emit(Said(Level.WARNING, untrusted_warning(url)))
            return None
        page = self._told(self._outcome(url, None), word)
        if page is None:
            return None
        try:
            rows = page.rows(0) if page.versions else []
        except CorruptEntry:
            page = self._told(self._reader.again(url, None), word)
            rows = page.rows(0) if page is not None else []
        if page is None:
            return None
        whole = [[page.prefix + row[0], *row[1:]] for row in rows]
        return _Listed(page.url, tuple(grouped(whole, project)))


def _plain(address: str) -> str:
    return redact(address).rstrip("/").lower()
