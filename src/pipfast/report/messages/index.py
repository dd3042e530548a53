"""Texts of messages about indexes, their pages and find-links."""

from __future__ import annotations

from pipfast.index.events import (
    CertificateNotTrusted,
    FilesCheckedAgainstHashes,
    LocationIgnored,
    NotAPage,
    OnSeveralIndexes,
    PageSkipped,
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
