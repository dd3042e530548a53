"""Lock files (``pylock.toml``, PEP 751): what is to be installed from them on this target."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast
from urllib.parse import urljoin, urlsplit

from packaging.markers import Environment
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag
from packaging.utils import (
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
)
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model import wheel_name
from pipfast.model.digest import Digest
from pipfast.model.events import Level, Said
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.user_requirement import LockFile, UserRequirement
from pipfast.net.errors import HTTPStatusError
from pipfast.policy.selection import Format, FormatControl
from pipfast.requirements.parse import (
    UnparsableInput,
    link_to,
    parse_editable,
    parse_requirement,
    strip_extras,
)
from pipfast.requirements.requirements_file import Reader, local_url

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXPERIMENTAL = (
    "Using pylock.toml as a requirements source is an experimental feature. "
    "It may be removed/changed in a future release without prior warning."
)

_KNOWN_VERSION = Version("1.0")

# packaging tells a newer minor version to a logger of its own; it is told as an event instead.
logging.getLogger("packaging.pylock").addHandler(logging.NullHandler())

Source = PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist


class PylockError(InstallationError):
    """A lock file cannot be read, is none, or has nothing for this target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequest:
    """One lock file with all that was asked of it: its markers see every extra and group at once.

    `default_groups` tells that the file was named by itself, so that its default groups count.
    """

    path: str
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    default_groups: bool = False

    def joined(self, extras: frozenset[str], group: str | None) -> LockRequest:
        """The request with one more naming of the file, by ``-r`` or for `group`."""
        return replace(
            self,
            extras=self.extras | extras,
            groups=self.groups | ({canonicalize_name(group)} if group is not None else set()),
            default_groups=self.default_groups or group is None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTarget:
    """What a lock file is read for; `tags` are best first."""

    markers: Mapping[str, str]
    tags: Sequence[Tag]


@dataclass(frozen=True, slots=True)
class LockedRequirement:
    """A requirement from a lock file; `link` is the only file that may serve it.

    No link for a direct requirement, which has its own.
    """

    wanted: UserRequirement
    link: Link | None = None


def requests(
    files: Sequence[str],
    groups: Sequence[tuple[str, str]],
    is_lock_file: Callable[[str], bool],
) -> tuple[tuple[str | LockRequest, ...], tuple[tuple[str, str], ...]]:
    """The sources of ``-r``, each lock file once and where it is named first; groups of projects.

    Lock files that only groups name come last.
    """
    sources: dict[object, str | LockRequest] = {}
    others: list[tuple[str, str]] = []
    for source, group in [*((file, None) for file in files), *groups]:
        if is_lock_file(source):
            path, extras = strip_extras(source)
            key = _identity(path)
            known = sources.get(key, LockRequest(path=path))
            assert isinstance(known, LockRequest)
            sources[key] = known.joined(extras, group)
        elif group is None:
            sources[len(sources), source] = source
        else:
            others.append((source, group))
    return tuple(sources.values()), tuple(others)


def locked_requirements(
    request: LockRequest, target: LockTarget, formats: FormatControl, reader: Reader
) -> Iterator[LockedRequirement]:
    """What `request` comes to on `target`, in the file's order.

    Raises LockFault and InstallationError in pip's words, and what `reader` raises.
    """
    reader.emit(Said(Level.WARNING, EXPERIMENTAL))
    lock = _lock(request.path, reader)
    for package, source in _selected(lock, request, target, formats):
        try:
            locked = _locked(package, source, request.path)
        except InvalidRequirement as error:
            raise UnparsableInput(str(error)) from None
        yield replace(locked, wanted=replace(locked.wanted, origin=LockFile(path=request.path)))


def _identity(path: str) -> tuple[str, ...]:
    """What makes two names the same source: the file, and what its paths are relative to."""
    if _is_url(path):
        return ("url", path)
    folder = Path(os.path.dirname(path))
    return ("path", str(Path(path).absolute()), str(folder.absolute()))


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http:", "https:", "file:"))


# Reading


def _lock(path: str, reader: Reader) -> Pylock:
    content = _content(path, reader)
    try:
        lock = Pylock.from_dict(tomllib.loads(content))
    except (tomllib.TOMLDecodeError, PylockValidationError) as error:
        raise PylockError(f"Invalid pylock file {path!r}: {error}") from None
    if lock.lock_version > _KNOWN_VERSION:
        text = f"pylock minor version {lock.lock_version} is not supported"
        reader.emit(Said(Level.WARNING, text))
    return lock


def _content(path: str, reader: Reader) -> str:
    try:
        if path.lower().startswith("file:"):
            return local_url(path)
        if _is_url(path):
            return reader.remote(path)
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PylockError(f"Error reading pylock file {path!r}: {error}") from None
    except (InstallationError, HTTPStatusError) as error:
        raise PylockError(f"Error reading pylock file {path!r}: {error.message}") from None


def _selected(
    lock: Pylock, request: LockRequest, target: LockTarget, formats: FormatControl
) -> Iterator[tuple[Package, Source]]:
    def only_sources(name: NormalizedName) -> bool:
        return formats.allowed(name) == {Format.SDIST}

    try:
        yield from lock.select(
            environment=cast("Environment", target.markers),
            tags=target.tags,
            extras=request.extras,
            dependency_groups=request.groups | _default_groups(lock, request),
            prefer_sdist_predicate=only_sources,
        )
    except (PylockSelectError, ValueError) as error:  # a marker that cannot be evaluated too
        raise PylockError(
            f"Cannot select requirements from pylock file {request.path!r}: {error}"  # noqa: S608
        ) from None


def _default_groups(lock: Pylock, request: LockRequest) -> frozenset[str]:
    return frozenset(lock.default_groups or ()) if request.default_groups else frozenset()


# From an entry to a requirement


def _locked(package: Package, source: Source, path: str) -> LockedRequirement:
    match source:
        case PackageVcs():
            address = _address(path, source.path, source.url)
            url = f"{source.type}+{address}@{source.commit_id}"
            return _direct(package, _inside(url, source.subdirectory, path))
        case PackageArchive():
            url = _inside(_address(path, source.path, source.url), source.subdirectory, path)
            return _direct(package, url, _digests(source.hashes))
        case PackageDirectory():
            url = _folder(source, path)
            return LockedRequirement(
                parse_editable(url) if source.editable else parse_requirement(url)
            )
        case PackageWheel():
            version = package.version or wheel_name.parse(source.filename).version
            return _file(package.name, version, source, path)
        case PackageSdist():
            version = package.version or parse_sdist_filename(source.filename)[1]
            return _file(package.name, version, source, path)


def _direct(package: Package, url: str, digests: tuple[Digest, ...] = ()) -> LockedRequirement:
    requirement = Requirement(f"{package.name} @ {url}")
    return LockedRequirement(
        UserRequirement(
            text=str(requirement), requirement=requirement, link=link_to(url), digests=digests
        )
    )


def _file(
    name: NormalizedName, version: Version, source: PackageWheel | PackageSdist, path: str
) -> LockedRequirement:
    digests = _digests(source.hashes)
    link = link_to(_address(path, source.path, source.url))
    # By this digest the store knows a wheel, and reports tell it. Built wheels are kept under
    # links as pip has them, without it.
    is_wheel = isinstance(source, PackageWheel)
    known = tuple(digest for digest in digests if is_wheel and digest.algorithm == "sha256")
    requirement = Requirement(f"{name}=={version}")
    return LockedRequirement(
        UserRequirement(text=str(requirement), requirement=requirement, digests=digests),
        replace(
            link,
            digests=known or link.digests,
            upload_time=source.upload_time.isoformat() if source.upload_time else None,
            size=source.size,
            page=path,
        ),
    )


def _digests(hashes: Mapping[str, str]) -> tuple[Digest, ...]:
    return tuple(Digest(algorithm, value.lower()) for algorithm, value in hashes.items())


def _address(lock: str, path: str | None, url: str | None) -> str:
    """The address of a file: its path, relative to the lock file, before its URL."""
    if path is None:
        assert url is not None, "packaging sees to it that there is one of them"
        return url
    if not _is_url(lock):
        return url_of_path(os.path.join(os.path.dirname(lock), path))
    if os.path.isabs(path):
        raise InstallationError(
            "Absolute paths are not supported in pylock files obtained from a URL: "
            f"{path!r} in {lock!r}"
        )
    address = urljoin(lock, path)
    if urlsplit(address)[:2] != urlsplit(lock)[:2]:
        raise InstallationError(
            f"Path {path!r} in pylock file obtained from a URL resolves outside its location: "
            f"{lock!r}"
        )
    return address


def _inside(url: str, subdirectory: str | None, lock: str) -> str:
    if not subdirectory:
        return url
    if "#" in url:
        raise InstallationError(
            f"Package URL {url!r} cannot contain fragments in combination with subdirectory field "
            f"(in {lock!r})"
        )
    return f"{url}#subdirectory={subdirectory}"


def _folder(source: PackageDirectory, lock: str) -> str:
    if _is_url(lock) and not lock.lower().startswith("file:"):
        raise InstallationError(
            f"Directory entries are not supported in remote pylock.toml {lock!r}"
        )
    url = f"{_address(lock, source.path, None).removesuffix('/')}/"
    return f"{url}{source.subdirectory.removesuffix('/')}/" if source.subdirectory else url
