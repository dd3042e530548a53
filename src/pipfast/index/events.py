"""Messages about indexes, their pages and find-links."""

from __future__ import annotations

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
