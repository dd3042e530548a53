"""Read the requirements of lock files (``pylock.toml``, PEP 751) for a target."""

from __future__ import annotations

import logging
import os
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
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.input_limits import TOML_SIZE, check_size
from pipfast.model.link import Link, without_secrets
from pipfast.model.toml_document import TOMLDecodeError, parsed_toml
from pipfast.model.user_requirement import LockFile, UserRequirement
from pipfast.net.errors import HTTPStatusError
from pipfast.policy.selection import Format, FormatControl
from pipfast.requirements.errors import PylockError, UnparsableInput
from pipfast.requirements.events import LockFileIsExperimental, LockVersionUnsupported
from pipfast.requirements.parse import parse_editable, parse_requirement, strip_extras
from pipfast.requirements.parse_link import parse_link
from pipfast.requirements.requirements_file import Reader, read_file_url

_SUPPORTED_VERSION = Version("1.0")

# packaging logs an unsupported minor version; `_parse` emits an event for it instead.
logging.getLogger("packaging.pylock").addHandler(logging.NullHandler())

Source = PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequest:
    """A lock file with all requested extras and groups, with which its markers are evaluated.

    `default_groups` is whether ``-r`` names the file, so that its default groups are selected.
    """

    path: str
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    default_groups: bool = False

    def merged(self, extras: frozenset[str], group: str | None) -> LockRequest:
        """Return the request extended by `extras` and `group`; no group for ``-r``."""
        return replace(
            self,
            extras=self.extras | extras,
            groups=self.groups | ({canonicalize_name(group)} if group is not None else set()),
            default_groups=self.default_groups or group is None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTarget:
    """The target of an installation; `tags` are in order of preference, best first."""

    markers: Mapping[str, str]
    tags: Sequence[Tag]


@dataclass(frozen=True, slots=True)
class LockedRequirement:
    """A requirement of a lock file; `link` is the only file that can satisfy it.

    `link` is None for a direct requirement, which has a link of its own.
    """

    wanted: UserRequirement
    link: Link | None = None


def split_lock_files(
    files: Sequence[str],
    groups: Sequence[tuple[str, str]],
    is_lock_file: Callable[[str], bool],
) -> tuple[tuple[str | LockRequest, ...], tuple[tuple[str, str], ...]]:
    """Return the files of ``-r`` with a request for each lock file, and groups of other files.

    Each lock file occurs once, where it is named first; those that only groups name come last.
    """
    sources: dict[object, str | LockRequest] = {}
    other_groups: list[tuple[str, str]] = []
    for source, group in [*((file, None) for file in files), *groups]:
        if is_lock_file(source):
            path, extras = strip_extras(source)
            key = _file_key(path)
            request = sources.get(key, LockRequest(path=path))
            assert isinstance(request, LockRequest)
            sources[key] = request.merged(extras, group)
        elif group is None:
            sources[len(sources), source] = source
        else:
            other_groups.append((source, group))
    return tuple(sources.values()), tuple(other_groups)


def locked_requirements(
    request: LockRequest, target: LockTarget, formats: FormatControl, reader: Reader
) -> Iterator[LockedRequirement]:
    """Yield the requirements that `request` selects for `target`, in the file's order.

    Raises PylockError and InstallationError with pip's messages, and what `reader` raises.
    """
    reader.emit(LockFileIsExperimental())
    lock = _parse(request.path, reader)
    for package, source in _select(lock, request, target, formats):
        try:
            locked = _requirement(package, source, request.path)
        except InvalidRequirement as error:
            raise UnparsableInput(str(error)) from None
        yield replace(locked, wanted=replace(locked.wanted, origin=LockFile(path=request.path)))


def _file_key(path: str) -> tuple[str, ...]:
    """Return a key that is equal for two names of one file in one directory."""
    if _is_url(path):
        return ("url", path)
    folder = Path(os.path.dirname(path))
    return ("path", str(Path(path).absolute()), str(folder.absolute()))


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http:", "https:", "file:"))


# Reading a file


def _parse(path: str, reader: Reader) -> Pylock:
    content = _read(path, reader)
    check_size(len(content), TOML_SIZE, path)
    try:
        lock = Pylock.from_dict(parsed_toml(content, path))
    except (TOMLDecodeError, PylockValidationError, RecursionError) as error:
        raise PylockError(f"Invalid pylock file {without_secrets(path)!r}: {error}") from None
    if lock.lock_version > _SUPPORTED_VERSION:
        reader.emit(LockVersionUnsupported(str(lock.lock_version)))
    return lock


def _read(path: str, reader: Reader) -> str:
    try:
        if path.lower().startswith("file:"):
            return read_file_url(path)
        if _is_url(path):
            return reader.remote(path)
        with Path(path).open(encoding="utf-8") as file:
            return file.read(TOML_SIZE + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    except (InstallationError, HTTPStatusError) as error:
        raise _unreadable(path, error.message) from None


def _unreadable(path: str, why: object) -> PylockError:
    return PylockError(f"Error reading pylock file {without_secrets(path)!r}: {why}")


def _select(
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
    except (PylockSelectError, ValueError, RecursionError) as error:  # the last two: of a marker
        shown = without_secrets(request.path)
        raise PylockError(
            f"Cannot select requirements from pylock file {shown!r}: {error}"  # noqa: S608
        ) from None


def _default_groups(lock: Pylock, request: LockRequest) -> frozenset[str]:
    return frozenset(lock.default_groups or ()) if request.default_groups else frozenset()


# From an entry to a requirement


def _requirement(package: Package, source: Source, path: str) -> LockedRequirement:
    match source:
        case PackageVcs():
            repository = _url(path, source.path, source.url)
            url = f"{source.type}+{repository}@{source.commit_id}"
            return _direct_requirement(package, _with_subdirectory(url, source.subdirectory, path))
        case PackageArchive():
            url = _url(path, source.path, source.url)
            url = _with_subdirectory(url, source.subdirectory, path)
            return _direct_requirement(package, url, _digests(source.hashes))
        case PackageDirectory():
            url = _directory_url(source, path)
            return LockedRequirement(
                parse_editable(url) if source.editable else parse_requirement(url)
            )
        case PackageWheel():
            version = package.version or wheel_name.parse(source.filename).version
            return _pinned_requirement(package.name, version, source, path)
        case PackageSdist():
            version = package.version or parse_sdist_filename(source.filename)[1]
            return _pinned_requirement(package.name, version, source, path)


def _direct_requirement(
    package: Package, url: str, digests: tuple[Digest, ...] = ()
) -> LockedRequirement:
    requirement = Requirement(f"{package.name} @ {url}")
    return LockedRequirement(
        UserRequirement(
            text=str(requirement), requirement=requirement, link=parse_link(url), digests=digests
        )
    )


def _pinned_requirement(
    name: NormalizedName, version: Version, source: PackageWheel | PackageSdist, path: str
) -> LockedRequirement:
    digests = _digests(source.hashes)
    link = parse_link(_url(path, source.path, source.url))
    # The store identifies a wheel by this digest, and reports contain it. Built wheels are stored
    # by the link as pip has it, without the digest.
    is_wheel = isinstance(source, PackageWheel)
    sha256 = tuple(digest for digest in digests if is_wheel and digest.algorithm == "sha256")
    requirement = Requirement(f"{name}=={version}")
    return LockedRequirement(
        UserRequirement(text=str(requirement), requirement=requirement, digests=digests),
        replace(
            link,
            digests=sha256 or link.digests,
            upload_time=source.upload_time.isoformat() if source.upload_time else None,
            size=source.size,
            page=path,
        ),
    )


def _digests(hashes: Mapping[str, str]) -> tuple[Digest, ...]:
    return tuple(Digest(algorithm, value.lower()) for algorithm, value in hashes.items())


def _url(lock: str, path: str | None, url: str | None) -> str:
    """Return the URL of an entry; its path, relative to the lock file, takes precedence."""
    if path is None:
        assert url is not None, "packaging rejects entries with neither"
        return url
    if not _is_url(lock):
        return url_of_path(os.path.join(os.path.dirname(lock), path))
    if os.path.isabs(path):
        raise InstallationError(
            "Absolute paths are not supported in pylock files obtained from a URL: "
            f"{path!r} in {without_secrets(lock)!r}"
        )
    joined = urljoin(lock, path)
    if urlsplit(joined)[:2] != urlsplit(lock)[:2]:
        raise InstallationError(
            f"Path {path!r} in pylock file obtained from a URL resolves outside its location: "
            f"{without_secrets(lock)!r}"
        )
    return joined


def _with_subdirectory(url: str, subdirectory: str | None, lock: str) -> str:
    if not subdirectory:
        return url
    if "#" in url:
        raise InstallationError(
            f"Package URL {url!r} cannot contain fragments in combination with subdirectory field "
            f"(in {lock!r})"
        )
    return f"{url}#subdirectory={subdirectory}"


def _directory_url(source: PackageDirectory, lock: str) -> str:
    if _is_url(lock) and not lock.lower().startswith("file:"):
        raise InstallationError(
            f"Directory entries are not supported in remote pylock.toml {lock!r}"
        )
    url = f"{_url(lock, source.path, None).removesuffix('/')}/"
    return f"{url}{source.subdirectory.removesuffix('/')}/" if source.subdirectory else url
