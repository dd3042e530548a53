"""The origin of a distribution in the form of PEP 610."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass

if TYPE_CHECKING:
    from packaging.direct_url import DirectUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOrigin:
    """A file. Only the first of `digests` is written, as by pip."""

    url: str
    digests: tuple[Digest, ...] = ()
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOrigin:
    """A folder of this machine, by its ``file:`` URL."""

    url: str
    editable: bool = False
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryOrigin:
    """A commit of a repository; `url` is without the system's prefix and the revision.

    `system` is ``git``, ``hg``, ``svn`` or ``bzr``; `requested` is the requested revision.
    """

    url: str
    system: str
    commit: str
    requested: str | None = None
    subdirectory: str | None = None


Origin = ArchiveOrigin | FolderOrigin | RepositoryOrigin


def direct_url(origin: Origin) -> Mapping[str, Any]:
    """Return the record of `origin` without secrets, with the older ``hash`` beside ``hashes``."""
    return _record(origin).to_dict(generate_legacy_hash=True)


def direct_url_json(origin: Origin) -> str:
    """Return the text of ``direct_url.json``."""
    return json.dumps(direct_url(origin), sort_keys=True)


def origin_of(record: Mapping[str, Any]) -> Origin:
    """Return the origin that a record describes.

    Raises packaging.direct_url.DirectUrlValidationError if it violates PEP 610.
    """
    from packaging.direct_url import DirectUrl  # most runs have no direct reference

    parsed = DirectUrl.from_dict(record)
    if parsed.vcs_info is not None:
        return RepositoryOrigin(
            url=parsed.url,
            system=parsed.vcs_info.vcs,
            commit=parsed.vcs_info.commit_id,
            requested=parsed.vcs_info.requested_revision,
            subdirectory=parsed.subdirectory,
        )
    if parsed.dir_info is not None:
        return FolderOrigin(
            url=parsed.url,
            editable=bool(parsed.dir_info.editable),
            subdirectory=parsed.subdirectory,
        )
    hashes = (parsed.archive_info.hashes if parsed.archive_info else None) or {}
    digests = tuple(Digest(name, value) for name, value in hashes.items())
    return ArchiveOrigin(url=parsed.url, digests=digests, subdirectory=parsed.subdirectory)


def _record(origin: Origin) -> DirectUrl:
    from packaging.direct_url import ArchiveInfo, DirectUrl, DirInfo, VcsInfo

    match origin:
        case ArchiveOrigin(url=url, digests=digests):
            hashes = {digest.algorithm: digest.value for digest in digests[:1]}
            archive = ArchiveInfo(hashes=hashes or None)
            return DirectUrl(url=url, archive_info=archive, subdirectory=origin.subdirectory)
        case FolderOrigin(url=url, editable=editable):
            folder = DirInfo(editable=editable or None)
            return DirectUrl(url=url, dir_info=folder, subdirectory=origin.subdirectory)
        case RepositoryOrigin(url=url, system=system, commit=commit, requested=requested):
            commit_info = VcsInfo(vcs=system, commit_id=commit, requested_revision=requested)
            return DirectUrl(url=url, vcs_info=commit_info, subdirectory=origin.subdirectory)
