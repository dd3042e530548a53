"""Protocols through which the resolver gets candidates, metadata and installed distributions.

`session` implements them with `index`, `fetch`, `sources` and `environment`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution
from pipfast.model.events import Level, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.resolve.install_requirement import InstallRequirement

if TYPE_CHECKING:
    from pipfast.resolve.old_version_notice import ResolutionHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectVersions:
    """The versions of a project, for the error that none of them matches.

    `versions` and `yanked` are in ascending order; `excluded_by_python` are texts such as
    ``2.0 Requires-Python >=3.99``; `final_only` is whether pre-releases are excluded, `locked`
    whether the version is from a lock file.
    """

    versions: tuple[str, ...] = ()
    yanked: tuple[str, ...] = ()
    excluded_by_python: tuple[str, ...] = ()
    final_only: bool = False
    locked: bool = False


class CandidateSource(Protocol):
    """The candidates of projects on indexes and in find-links locations."""

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """Yield the candidates that match `specifier`, best first, each when it is needed."""
        ...

    def versions(self, project: NormalizedName) -> ProjectVersions:
        """Return the versions of `project`."""
        ...

    def prefetch(self, requirements: Iterable[Requirement]) -> None:
        """Start to fetch what will probably be needed for `requirements`, or do nothing."""
        ...

    def direct(
        self, link: Link, name: NormalizedName | None, *, editable: bool = False
    ) -> Distribution:
        """Return the distribution at a direct link.

        Raises InstallationError for a wheel that the target does not support.
        """
        ...


class MetadataSource(Protocol):
    """The metadata of distributions."""

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        """Return the wheel that an earlier run built from a source, None if there is none."""
        ...

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Start to prepare a distribution that will be read, or do nothing."""
        ...

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """Return the metadata of a distribution.

        `install_req` is the requirement in errors. If there are `digests`, the file must have one
        of them.
        """
        ...


class InstalledSource(Protocol):
    """The installed distributions of the target environment."""

    def get(self, project: NormalizedName) -> Installed | None:
        """Return the installed distribution of `project`, None if there is none."""
        ...

    def metadata(self, installed: Installed) -> Metadata:
        """Return the metadata of an installed distribution."""
        ...

    def display_location(self, installed: Installed) -> str:
        """Return the location of an installed distribution as pip prints it."""
        ...

    def display_path(self, path: Path) -> str:
        """Return a path as pip prints it, relative if it is below the working directory."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside the resolver that it uses; `python` and `markers` are the target's.

    `notice_level` is the level of messages that pip does not have. With `debug`, every step of the
    resolution is reported. With `explains`, so is why candidates are rejected. `history` gets what
    was rejected because of conflicts when a resolution begins.
    """

    index: CandidateSource
    metadata: MetadataSource
    installed: InstalledSource
    python: Version
    markers: Mapping[str, str]
    emit: Listener
    notice_level: Level = Level.WARNING
    debug: bool = False
    explains: bool = False
    history: Callable[[ResolutionHistory], None] | None = None
