"""What the solver may ask of the world; `session/pipeline` fulfils it, a test passes a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectVersions:
    """All that is known of a project when nothing of it fits.

    `versions` and `yanked` are in ascending order; `refused_by_python` holds pip's words,
    ``2.0 Requires-Python >=3.99``; `final_only` is whether pre-releases were out of the question,
    `locked` whether a lock file leaves no choice.
    """

    versions: tuple[str, ...] = ()
    yanked: tuple[str, ...] = ()
    refused_by_python: tuple[str, ...] = ()
    final_only: bool = False
    locked: bool = False


class CandidateSource(Protocol):
    """The indexes."""

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """What fits `specifier`, best first, each found only when it is asked for."""
        ...

    def known(self, project: NormalizedName) -> ProjectVersions:
        """What there is of `project`, for an explanation."""
        ...

    def expect(self, requirements: Iterable[Requirement]) -> None:
        """Take note of what will be asked soon; it never changes an answer."""
        ...

    def direct(
        self, link: Link, name: NormalizedName | None, *, editable: bool = False
    ) -> Distribution:
        """The distribution at a direct link.

        Raises InstallationError for a wheel that does not run here.
        """
        ...


class MetadataSource(Protocol):
    """The distributions themselves."""

    def built(self, distribution: Distribution, install_req: InstallRequirement) -> Link | None:
        """The wheel that an earlier run has built of it, None for one that has to be built."""
        ...

    def begin(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Take note of a distribution that will be asked for; it never changes an answer."""
        ...

    def of(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """The metadata of the very file that would be installed.

        `install_req` is told with a fault of the file. With `digests` the file is one of them.
        """
        ...


class InstalledSource(Protocol):
    """The environment."""

    def get(self, project: NormalizedName) -> Installed | None:
        """What is installed of `project`."""
        ...

    def metadata(self, installed: Installed) -> Metadata:
        """Its metadata."""
        ...

    def shown(self, installed: Installed) -> str:
        """Its location as pip shows it, relative to the current folder where it is below it."""
        ...

    def shown_path(self, path: Path) -> str:
        """A path as pip shows it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world as a resolution sees it: `python` and `markers` are the target's.

    `remarks` is how loud is said of an answer what pip does not say. With `debugging` every step of
    the resolution is told.
    """

    index: CandidateSource
    metadata: MetadataSource
    installed: InstalledSource
    python: Version
    markers: Mapping[str, str]
    emit: Listener
    remarks: Level = Level.WARNING
    debugging: bool = False
