"""Texts of messages about indexes, their pages and find-links."""

from __future__ import annotations

from pipfast.index.events import (
    CertificateNotTrusted,
    FilesCheckedAgainstHashes,
    IndexesIgnored,
    LinkFound,
    LinkNeedsPython,
    LinkSkipped,
    LocalFilesFound,
    LocationIgnored,
    LocationsSearched,
    NoHashesGiven,
    NotAPage,
    OnSeveralIndexes,
    PageAnalysed,
    PageFetched,
    PageMissing,
    PageOfFolder,
    PageRequested,
    PageSkipped,
    PythonMismatch,
    SchemeWithoutPages,
)
from pipfast.report.render import renders


@renders(LocationIgnored)
def _location_ignored(message: LocationIgnored) -> str:
    reason = (
        "it is neither a file nor a directory."
        if message.is_special
        else "it is either a non-existing path or lacks a specific scheme."
    )
    return f"Location '{message.location}' is ignored: {reason}"


@renders(NotAPage)
def _not_a_page(message: NotAPage) -> str:
    return (
        f"Skipping page {message.url} because the {message.method} request got Content-Type: "
        f"{message.content_type}. The only supported Content-Types are "
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html, and text/html"
    )


@renders(SchemeWithoutPages)
def _scheme_without_pages(message: SchemeWithoutPages) -> str:
    return (
        f"Cannot look at {message.scheme} URL {message.url} because it does not support lookup "
        "as web pages."
    )


@renders(PageSkipped)
def _page_skipped(message: PageSkipped) -> str:
    return f"Could not fetch URL {message.url}: {message.why} - skipping"


@renders(CertificateNotTrusted)
def _certificate_not_trusted(message: CertificateNotTrusted) -> str:
    problem = f"There was a problem confirming the ssl certificate: {message.why}"
    return f"Could not fetch URL {message.url}: {problem} - skipping"


@renders(LocationsSearched)
def _locations_searched(message: LocationsSearched) -> str:
    count = f"{len(message.urls)} location(s) to search for versions of {message.project}:"
    return "\n".join([count, *(f"* {url}" for url in message.urls)])


@renders(PageAnalysed)
def _page_analysed(message: PageAnalysed) -> str:
    return f"Fetching project page and analyzing links: {message.url}"


@renders(PageOfFolder)
def _page_of_folder(message: PageOfFolder) -> str:
    return f" file: URL is directory, getting {message.url}"


@renders(PageRequested)
def _page_requested(message: PageRequested) -> str:
    again = "\nRefreshing package index response." if message.again else ""
    return f"Getting page {message.url}{again}"


@renders(PageFetched)
def _page_fetched(message: PageFetched) -> str:
    return f"Fetched page {message.url} as {message.content_type}"


@renders(PageMissing)
def _page_missing(message: PageMissing) -> str:
    return f"Could not fetch URL {message.url}: {message.why} - skipping"


@renders(LinkFound)
def _link_found(message: LinkFound) -> str:
    return f"Found link {message.link}, version: {message.version}"


@renders(LinkSkipped)
def _link_skipped(message: LinkSkipped) -> str:
    return f"Skipping link: {message.why}: {message.link}"


@renders(LinkNeedsPython)
def _link_needs_python(message: LinkNeedsPython) -> str:
    needs, link = f"{message.version} not in: {message.requires!r}", message.link
    match message.mismatch:
        case PythonMismatch.REFUSED:
            return f"Link requires a different Python ({needs}): {link}"
        case PythonMismatch.IGNORED:
            return f"Ignoring failed Requires-Python check ({needs}) for link: {link}"
        case PythonMismatch.INVALID:
            return f"Ignoring invalid Requires-Python ({message.requires!r}) for link: {link}"


@renders(LocalFilesFound)
def _local_files_found(message: LocalFilesFound) -> str:
    return f"Local files found: {', '.join(message.places)}"


@renders(NoHashesGiven)
def _no_hashes_given(message: NoHashesGiven) -> str:
    return (
        f"Given no hashes to check {message.files} links for project {message.project!r}: "
        "discarding no candidates"
    )


@renders(IndexesIgnored)
def _indexes_ignored(message: IndexesIgnored) -> str:
    return f"Ignoring indexes: {','.join(message.urls)}"


@renders(FilesCheckedAgainstHashes)
def _files_checked_against_hashes(message: FilesCheckedAgainstHashes) -> str:
    result = "discarding no candidates"
    if message.discarded:
        links = "".join(f"\n  {link}" for link in message.discarded)
        result = f"discarding {len(message.discarded)} non-matches:{links}"
    return (
        f"Checked {message.files} links for project {message.project!r} against {message.hashes} "
        f"hashes ({message.matching} matches, {message.unhashed} no digest): {result}"
    )


_SHOWN = 5
"""How many projects a warning names."""


@renders(OnSeveralIndexes)
def _on_several_indexes(message: OnSeveralIndexes) -> str:
    if len(message.projects) == 1:
        (one,) = message.projects
        setting = f"index.{one.name} in the section [pipfast] of pip.conf"
        return (
            f"{one.name} is taken from {one.page} only, and {', '.join(one.others)} has other "
            f"versions of it; if that is another project of the same name, name its index with "
            f"{setting}"
        )
    names = [one.name for one in message.projects]
    shown = ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    )
    return (
        f"{len(names)} projects are taken from the first index that has them, and other indexes "
        f"have other versions of them: {shown} (-v lists all); if one of these is another project "
        "of the same name, name its index with index.NAME in the section [pipfast] of pip.conf"
    )
