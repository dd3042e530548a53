"""Explain where a project is searched and which links are used, with pip's reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from packaging.utils import NormalizedName

from pipfast.index.evaluate import CandidateEvaluator, RankedCandidate, RejectedByPython
from pipfast.index.events import (
    LinkFound,
    LinkNeedsPython,
    LinkSkipped,
    LocalFilesFound,
    LocationsSearched,
    PageAnalysed,
    PythonMismatch,
)
from pipfast.index.filenames import (
    EXTENSIONS,
    egg_of,
    filename_of,
    in_order_of_use,
    python_suffix,
    splitext,
    stem_of,
    version_text,
)
from pipfast.index.locations import (
    FileAt,
    FolderAt,
    Location,
    PageAt,
    UnusableLocation,
    folder,
    in_descending_order,
)
from pipfast.index.project_pages import FailedLocation
from pipfast.index.simple_api import digests_in, link_of, quoted
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level, Message
from pipfast.model.file_row import FileRow
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link, redact


class LinkReport:
    """A `LinkExplainer` that reports as pip does, with the reasons of `evaluator`.

    `report` gets every message, also about locations that failed.
    """

    def __init__(
        self,
        evaluator: CandidateEvaluator,
        report: Callable[[Message | FailedLocation], None],
    ) -> None:
        self._evaluator = evaluator
        self.report = report

    def locations(self, project: NormalizedName, locations: Sequence[Location]) -> None:
        """Report the locations that cannot be used, those of indexes first, and the others."""
        unusable = [one for one in locations if isinstance(one, UnusableLocation)]
        for location in unusable:
            self.report(location.warning)
        urls = [redact(one.url) for one in locations if isinstance(one, PageAt | FileAt)]
        self.report(LocationsSearched(project, tuple(urls)))

    def page(self, url: str) -> None:
        """Report that a page is about to be read."""
        self.report(PageAnalysed(redact(url)))

    def links(self, rows: Sequence[FileRow], page: str, project: NormalizedName) -> None:
        """Report each link of a page."""
        for message in about_links(rows, page, project, self._evaluator):
            self.report(replace(message, depth=1))

    def files(self, project: NormalizedName, locations: Sequence[Location]) -> None:
        """Report each location that may be a distribution itself."""
        urls = [url for location in locations for url in _files(location, project)]
        rows = [FileRow(quoted(url), digests_in(url)) for url in in_descending_order(urls)]
        found: list[str] = []
        for row in in_order_of_use(rows):
            messages = list(_about(row, "", project, self._evaluator))
            if isinstance(messages[-1], LinkFound):
                found.append(path_of_url(row.url) if row.url.startswith("file:") else row.url)
            for message in messages:
                self.report(message)
        if found:
            self.report(LocalFilesFound(tuple(found)))


def _files(location: Location, project: NormalizedName) -> Sequence[str]:
    """Return the links to distributions that a location is or contains."""
    match location:
        case FileAt(url):
            return [url]
        case FolderAt(path):
            return folder(path).files.get(project, ())
        case PageAt(_, file):
            return [file] if file else []
        case UnusableLocation():
            return []


def about_links(
    rows: Iterable[FileRow], page: str, project: NormalizedName, evaluator: CandidateEvaluator
) -> Iterator[Message]:
    """Yield whether each link of `page` leads to a usable distribution of `project`, in its order.

    Raises InstallationError at a file without an upload time if that is needed.
    """
    for row in in_order_of_use(rows):
        yield from _about(row, page, project, evaluator)


def _about(
    row: FileRow, page: str, project: NormalizedName, evaluator: CandidateEvaluator
) -> Iterator[Message]:
    link = link_of(row, "", page)
    reason = _not_a_distribution(row.url, project)
    if reason is not None:
        yield LinkSkipped(link.described(), reason)
        return
    verdict = evaluator.evaluate(row, "", page, project)
    if isinstance(verdict, RankedCandidate):
        yield from _about_python(link, evaluator)
        distribution = verdict.candidate
        is_wheel = isinstance(distribution, Wheel)
        spelled = str(distribution.version) if is_wheel else _spelled(row.url, project)
        yield LinkFound(link.described(), spelled)
        return
    if isinstance(verdict, RejectedByPython):
        yield from _about_python(link, evaluator)
    yield LinkSkipped(link.described(), verdict.because)


def _not_a_distribution(url: str, project: NormalizedName) -> str | None:
    """Return why a link cannot lead to a distribution of `project`, by its name alone."""
    if egg_of(url) is not None:
        text = version_text(stem_of(url)[0], project)
        return None if text else f"Missing project version for {project}"
    extension = splitext(filename_of(url))[1]
    if not extension:
        return "not a file"
    if extension not in EXTENSIONS:
        return f"unsupported archive format: {extension}"
    return None


def _spelled(url: str, project: NormalizedName) -> str:
    return python_suffix(version_text(stem_of(url)[0], project) or "")[0]


def _about_python(link: Link, evaluator: CandidateEvaluator) -> Iterator[Message]:
    """Yield what follows from the Requires-Python of a link, if that is worth a message."""
    required = link.requires_python
    fits = True if required is None else evaluator.fits_python(required)
    if required is None or fits:
        return
    level = Level.DEBUG
    if fits is None:
        mismatch = PythonMismatch.INVALID
    elif evaluator.ignores_python:
        mismatch = PythonMismatch.IGNORED
    else:
        mismatch, level = PythonMismatch.REFUSED, Level.VERBOSE
    yield LinkNeedsPython(link.described(), required, evaluator.python, mismatch, level=level)
