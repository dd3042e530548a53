"""Messages about indexes, their pages and find-links."""

from __future__ import annotations

from enum import Enum, auto

from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class LocationIgnored(Message):
    """An index or a find-links value is unusable.

    It is a path to something `is_special`, neither a file nor a folder; otherwise it is a path
    that does not exist, or lacks a known scheme.
    """

    location: str
    is_special: bool
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class NotAPage(Message):
    """The answer to a request is no index page. `url` holds no credentials."""

    url: str
    method: str
    content_type: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class SchemeWithoutPages(Message):
    """The URL of a version control system names no page. `url` holds no credentials."""

    scheme: str
    url: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageSkipped(Message):
    """A page could not be fetched, for the reason `why`, and is skipped."""

    url: str
    why: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class CertificateNotTrusted(Message):
    """A page is skipped because TLS failed with its server, for the reason `why`."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class LocationsSearched(Message):
    """The places `urls` are about to be searched for versions of `project`."""

    project: str
    urls: tuple[str, ...]
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageAnalysed(Message):
    """The links of the page at `url` are about to be read."""

    url: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageOfFolder(Message):
    """A location is a folder, whose page is at `url`."""

    url: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageRequested(Message):
    """The page at `url` is about to be requested; with `again`, even if the cached one is fresh."""

    url: str
    again: bool = False
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageFetched(Message):
    """The page at `url` was fetched."""

    url: str
    content_type: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class PageMissing(Message):
    """An index has no page at `url`, for the reason `why`."""

    url: str
    why: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class LinkFound(Message):
    """A link leads to a distribution that may be used; `version` is spelled as in its file name."""

    link: str
    version: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class LinkSkipped(Message):
    """A link is not used, for the reason `why`."""

    link: str
    why: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


class PythonMismatch(Enum):
    """What follows from the Requires-Python of a link."""

    REFUSED = auto()
    """The link needs another Python, and is skipped."""
    IGNORED = auto()
    """It needs another Python, and ``--ignore-requires-python`` is given."""
    INVALID = auto()
    """It cannot be read, and does not count."""


@dataclass(frozen=True, slots=True)
class LinkNeedsPython(Message):
    """A link `requires` another Python than `version`, or something that is no requirement."""

    link: str
    requires: str
    version: str
    mismatch: PythonMismatch
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class LocalFilesFound(Message):
    """Files that were given directly may be used."""

    places: tuple[str, ...]
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class NoHashesGiven(Message):
    """The user gives no hashes for `project`, so none of its `files` is dropped."""

    project: str
    files: int
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class IndexesIgnored(Message):
    """The indexes `urls` are not used, because of ``--no-index``."""

    urls: tuple[str, ...]
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class FilesCheckedAgainstHashes(Message):
    """How the user's hashes restrict the files of `project`.

    Of the files that are acceptable otherwise, `matching` have one of the `hashes`, `unhashed` have
    none, and `discarded` are the links of those that are dropped.
    """

    project: str
    files: int
    hashes: int
    matching: int
    unhashed: int
    discarded: tuple[str, ...]
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class SharedProject:
    """A project that is taken from `page`, while the pages `others` list other versions of it."""

    name: str
    page: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnSeveralIndexes(Message):
    """These projects are taken from one index, and other indexes have other versions of them."""

    projects: tuple[SharedProject, ...]
    level: Level = field(default=Level.WARNING, kw_only=True)
