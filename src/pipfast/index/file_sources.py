"""Places that have files of a project."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.utils import NormalizedName

from pipfast.index.page_reader import PageReader
from pipfast.index.pep708 import normalised
from pipfast.model.file_row import FileRow
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.page_cache import CorruptEntry, Page


@dataclass(frozen=True, slots=True)
class ListedFiles:
    """Files of a project from places other than its own pages."""

    url: str
    groups: tuple[tuple[str, list[FileRow]], ...]
    prefix: str = ""

    @property
    def versions(self) -> Sequence[str]:
        """The versions in descending order."""
        return tuple(version for version, _ in self.groups)

    def rows(self, position: int) -> list[FileRow]:
        """Return the files of a version."""
        return self.groups[position][1]


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A project's own page; requested again if its stored form is damaged."""

    page: Page
    address: str
    project: NormalizedName
    reader: PageReader

    @property
    def url(self) -> str:
        """The page's address."""
        return self.page.url

    @property
    def addresses(self) -> frozenset[str]:
        """The requested and the final address, normalised."""
        return frozenset({normalised(self.address), normalised(self.page.url)})

    @property
    def prefix(self) -> str:
        """The prefix that the rows' URLs lack."""
        return self.page.prefix

    @property
    def versions(self) -> Sequence[str]:
        """The versions in descending order."""
        return self.page.versions

    def rows(self, position: int) -> list[FileRow]:
        """Return the files of a version."""
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
        return [row.with_url((page.prefix + row.url)[cut:]) for row in rows]
