"""What is known about a source: its identity, its metadata, its cached wheel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.builds.events import OtherProjectFound
from pipfast.builds.pyproject import Project
from pipfast.fetch.wheel_metadata.wheel_file import read_document
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin
from pipfast.model.distribution import Sdist, Source, SourceTree
from pipfast.model.events import Message
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.metadata import Metadata
from pipfast.model.requirement import parsed_version
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.sources.events import OtherVersionFound, SourceVersionAccepted
from pipfast.sources.retry_with_modules import FailedSource, IncompleteBuild, Visible
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.built_wheel_cache import CachedWheel

Key = tuple[str, str, bool, str]
"""Identifies a source in a run: link, whether it is editable, and config settings."""


class MetadataOrigin(Enum):
    """Where the metadata of a source comes from."""

    STATIC = auto()
    """Files of the source (PEP 621, PEP 643)."""
    CACHED_WHEEL = auto()
    """A cached wheel that was built with the same visible modules."""
    STORED = auto()
    """The backend's answer in an earlier run; its messages are repeated."""
    BACKEND = auto()
    """The backend."""


@dataclass(slots=True)
class Prepared:
    """A source on this machine with its metadata.

    `document` is its METADATA, None if the fields were found without one.
    """

    tree: SourceTree
    project: Project
    question: BuildKey
    metadata: Metadata
    document: str | None
    obtained_from: MetadataOrigin


@dataclass(frozen=True, slots=True)
class IncompleteSource:
    """A source whose isolated build lacked a module, and the requirement it is prepared for."""

    distribution: Sdist | Source
    install_req: InstallRequirement
    digests: tuple[Digest, ...]
    incomplete: IncompleteBuild
    failing: FailedSource

    @property
    def key(self) -> Key:
        """Its key in this run."""
        return key_of(self.distribution, self.install_req)


@dataclass(frozen=True, slots=True)
class CompletedSource:
    """A source that was prepared with more visible modules than it declares."""

    opening: IncompleteSource
    visible: Visible
    prepared: Prepared

    @property
    def name(self) -> NormalizedName:
        """The project's name according to the source."""
        return self.prepared.metadata.canonical_name


def key_of(distribution: Sdist | Source, install_req: InstallRequirement) -> Key:
    """Its key in this run."""
    link = distribution.link
    settings = (
        json.dumps(sorted(install_req.config_settings.items()))
        if install_req.config_settings
        else ""
    )
    editable = isinstance(distribution, Source) and distribution.editable
    return link.url, link.fragment, editable, settings


def project_of(
    distribution: Sdist | Source,
    install_req: InstallRequirement,
    tree: SourceTree,
    *,
    as_wheel: bool,
) -> Project:
    """Return the builder's view of a source, with pip's names for messages."""
    link = distribution.link
    name = install_req.requirement.name if install_req.requirement else None
    return Project(
        folder=tree.folder,
        named=install_req.described(link),
        described=name or f"from {link.redacted}",
        name=name,
        editable=isinstance(distribution, Source) and distribution.editable,
        as_wheel=as_wheel,
        given=isinstance(tree.origin, FolderOrigin),
        settings=install_req.config_settings,
    )


def as_prepared(kept: CachedWheel, metadata: Metadata, distribution: Sdist | Source) -> Metadata:
    """Return a cached wheel's metadata with the version that its source had before the build.

    A backend may add a local segment to the wheel's version. pip accepts such a wheel after
    building it and rejects it from its cache. A wheel in pip's cache was accepted once.
    """
    if kept.version:
        return replace(metadata, version=kept.version)
    if isinstance(distribution, Sdist):
        version, expected = parsed_version(metadata.version), distribution.version
        if version.local is not None and version.public == str(expected):
            return replace(metadata, version=str(expected))
    return metadata


def mismatches(
    prepared: Prepared, install_req: InstallRequirement, distribution: Sdist | Source
) -> Iterator[Message]:
    """Yield messages about a source that is not the requested one; the resolver decides."""
    metadata, requirement = prepared.metadata, install_req.requirement
    folder, version = prepared.tree.folder, metadata.version
    if requirement is None:
        described = f"{metadata.name}=={version} from {distribution.link.redacted}"
        yield SourceVersionAccepted(folder, version, described)
        return
    name = requirement.name
    was_reported = prepared.document is not None and prepared.project.name is not None
    if canonicalize_name(name) != metadata.canonical_name:
        if not was_reported:
            yield OtherProjectFound(name, metadata.canonical_name)
    elif not requirement.specifier.contains(metadata.version, prereleases=True):
        described = install_req.described(distribution.link)
        yield OtherVersionFound(described, metadata.version)
    else:
        described = install_req.described(distribution.link)
        yield SourceVersionAccepted(folder, version, described)


def is_of(kept: CachedWheel, digests: Sequence[Digest]) -> bool:
    """Return whether a wheel was built from a file with one of `digests`."""
    origin = kept.origin
    return isinstance(origin, ArchiveOrigin) and not set(digests).isdisjoint(origin.digests)


def identity(origin: Origin) -> str:
    """Return what identifies a source's content, empty if it may change."""
    if isinstance(origin, ArchiveOrigin) and origin.digests:
        return str(origin.digests[0])
    return ""


def document_of(kept: CachedWheel, distribution: Sdist | Source) -> str:
    """Return the METADATA of a wheel built here or by pip."""
    name = distribution.name or canonicalize_name(kept.path.name.partition("-")[0])
    with kept.path.open("rb") as file:
        return read_document(file, name, str(kept.path)).decode("utf-8", "surrogateescape")
