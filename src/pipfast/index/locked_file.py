"""The only file of a project that a lock file names, which replaces all indexes."""

from __future__ import annotations

from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.index.evaluate import CandidateEvaluator
from pipfast.index.file_sources import ListedFiles
from pipfast.index.filenames import EXTENSIONS, egg_of, filename_of, splitext
from pipfast.model.distribution import Refused
from pipfast.model.file_row import FileRow
from pipfast.model.link import Link


class LockedFileRejected(InstallationError):
    """The file that a lock file names is not acceptable, and there is no alternative."""

    def __init__(self, project: NormalizedName, link: Link, because: str) -> None:
        super().__init__(
            f"Could not install locked package {project!r} from {link.page!r}: {because}"
        )
        self.link = link


def file_of_lock(project: NormalizedName, link: Link, evaluator: CandidateEvaluator) -> ListedFiles:
    """Return the file at `link` as the only file of `project`.

    Raises LockedFileRejected with the reason for which a file of an index would be skipped (pip
    behaviour).
    """
    url = f"{link.url}#{link.fragment}" if link.fragment else link.url
    digests = [str(digest) for digest in link.digests]
    row = FileRow(url, digests, upload_time=link.upload_time, size=link.size)
    page = link.page or ""
    because = _no_archive(url)
    if because:
        raise LockedFileRejected(project, link, because)
    try:
        verdict = evaluator.evaluate(row, "", page, project)
    except InstallationError as error:  # an upload time is required and missing
        raise LockedFileRejected(project, link, error.message) from None
    if isinstance(verdict, Refused):
        raise LockedFileRejected(project, link, verdict.because)
    return ListedFiles(page, ((str(verdict.candidate.version), [row]),))


def _no_archive(url: str) -> str:
    """Return why the address is not that of an archive, empty if it is."""
    extension = splitext(filename_of(url))[1]
    if egg_of(url) is not None or extension in EXTENSIONS:
        return ""
    return f"unsupported archive format: {extension}" if extension else "not a file"
