"""Write lock files (PEP 751) with pip's content and layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli_w
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
)
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.direct_url import (
    ArchiveOrigin,
    FolderOrigin,
    Origin,
    RepositoryOrigin,
    direct_url,
)
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link

LOCK_VERSION = Version("1.0")
CREATED_BY = "pip"
"""The tool named in lock files, which equal pip's byte for byte."""


class Unlockable(InstallationError):
    """A distribution cannot be written to a lock file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A distribution of a lock file; `direct` is true if a requirement gave its URL.

    `is_wheel` is the kind of file; it only matters for a distribution from an index.
    """

    name: NormalizedName
    version: Version
    origin: Origin
    direct: bool
    is_wheel: bool


def lock_text(pins: Sequence[Pin], folder: Path) -> str:
    """Return the text of a lock file in `folder`, to which its paths are relative.

    Raises Unlockable for a directory outside `folder`, and for a file without a digest.
    """
    ordered = sorted(pins, key=lambda pin: pin.name)
    packages = [_package(pin, folder) for pin in ordered]
    lock = Pylock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=packages)
    return tomli_w.dumps(lock.to_dict())


def _package(pin: Pin, folder: Path) -> Package:
    match pin.origin:
        case RepositoryOrigin() as origin:
            return Package(name=pin.name, vcs=_repository(origin))
        case FolderOrigin() as origin:
            return Package(name=pin.name, directory=_directory(origin, folder))
        case ArchiveOrigin() as origin if pin.direct:
            archive = PackageArchive(
                url=_url(origin), hashes=_hashes(pin), subdirectory=origin.subdirectory
            )
            return Package(name=pin.name, archive=archive)
        case ArchiveOrigin() as origin:
            url = _url(origin)
            name = Link(url=url).filename
            if pin.is_wheel:
                wheel = PackageWheel(name=name, url=url, hashes=_hashes(pin))
                return Package(name=pin.name, version=pin.version, wheels=[wheel])
            sdist = PackageSdist(name=name, url=url, hashes=_hashes(pin))
            return Package(name=pin.name, version=pin.version, sdist=sdist)


def _repository(origin: RepositoryOrigin) -> PackageVcs:
    return PackageVcs(
        type=origin.system,
        url=_url(origin),
        requested_revision=origin.requested,
        commit_id=origin.commit,
        subdirectory=origin.subdirectory,
    )


def _url(origin: ArchiveOrigin | RepositoryOrigin) -> str:
    """Return the URL without credentials, unless they are names of variables (PEP 610)."""
    return str(direct_url(origin)["url"])


def _directory(origin: FolderOrigin, folder: Path) -> PackageDirectory:
    there, here = Path(path_of_url(origin.url)).resolve(), folder.resolve()
    try:
        path = there.relative_to(here).as_posix()
    except ValueError:
        raise Unlockable(
            f"{str(there)!r} is not below {str(here)!r}, where the lock file stands, "
            "so a lock file cannot name it"
        ) from None
    return PackageDirectory(
        path=path, editable=origin.editable or None, subdirectory=origin.subdirectory
    )


def _hashes(pin: Pin) -> Mapping[str, str]:
    assert isinstance(pin.origin, ArchiveOrigin)
    if not pin.origin.digests:
        raise Unlockable(f"The index has no digest of {Link(url=pin.origin.url).redacted}")
    digest: Digest = pin.origin.digests[0]
    return {digest.algorithm: digest.value}
