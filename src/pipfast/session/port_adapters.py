"""The resolver's ports, fulfilled by the index, the distributions and the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import (
    NormalizedName,
    canonicalize_name,
)
from packaging.version import InvalidVersion, Version

from pipfast.environment.metadata_files import metadata_of
from pipfast.errors import InstallationError, PipfastError
from pipfast.fetch.prefetch import Ahead
from pipfast.index.finder import Finder
from pipfast.model import wheel_name
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Source, Wheel
from pipfast.model.events import Level, Listener, Said
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata, metadata_in
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.requirements.parse import is_wheel_link
from pipfast.resolve.ports import ProjectVersions


class WrongProject(PipfastError):
    """A requirement names one project and the file at its address another."""

    def __init__(self, link: Link, name: str, project: str) -> None:
        super().__init__(f"{link.redacted} is a wheel of {project!r}, not of {name!r}")


class Index:
    """The indexes, worked ahead of where a thread is worth it; `debug` is told how hashes count."""

    def __init__(
        self,
        finder: Finder,
        ahead: Ahead,
        policy: SelectionPolicy,
        tags: Sequence[Tag],
        debug: Listener | None = None,
    ) -> None:
        self._finder = finder
        self._debug = debug
        self._ahead = ahead
        self._policy = policy
        self._tags = frozenset(tags)
        self.was_asked = False

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """What fits `specifier`, best first."""
        self.was_asked = True
        found = self._finder.found(project)
        if digests and self._debug is not None:
            self._debug(Said(Level.DEBUG, found.weighed(specifier, digests)))
        return found.candidates(specifier, digests)

    def known(self, project: NormalizedName) -> ProjectVersions:
        """What there is of `project`, and what was passed over for its Python in the whole run."""
        found = self._finder.found(project)
        return ProjectVersions(
            versions=found.versions(),
            yanked=found.yanked(),
            refused_by_python=self._finder.requires_python_skipped(),
            final_only=self._policy.releases.prereleases(project) is False,
            locked=project in self._policy.locked,
        )

    def expect(self, requirements: Iterable[Requirement]) -> None:
        """Have pages and metadata fetched before they are asked for."""
        self._ahead.expect(requirements)

    def direct(
        self, link: Link, name: NormalizedName | None, *, editable: bool = False
    ) -> Distribution:
        """The wheel or the source at a direct link.

        Raises InstallationError for a wheel that is not one by its name or does not run here,
        WrongProject for one on the network whose name is another project's.
        """
        if editable or not is_wheel_link(link):
            return Source(link=link, name=name, editable=editable)
        try:
            project, version, build, tags = wheel_name.parse(link.filename)
        except wheel_name.InvalidWheelName as error:
            raise InstallationError(str(error)) from None
        if tags.isdisjoint(self._tags):
            raise InstallationError(f"{link.filename} is not a supported wheel on this platform.")
        if name is not None and name != project and not link.is_file:
            raise WrongProject(link, name, project)
        return Wheel(link=link, name=name or project, version=version, build=build, tags=tags)


class Environment:
    """What is installed, by name; metadata is read once for each."""

    def __init__(self, installed: Mapping[NormalizedName, Installed]) -> None:
        self._installed = installed
        self._metadata: dict[NormalizedName, Metadata] = {}

    def get(self, project: NormalizedName) -> Installed | None:
        """What is installed of `project`."""
        return self._installed.get(project)

    def metadata(self, installed: Installed) -> Metadata:
        """Its metadata."""
        if installed.name not in self._metadata:
            self._metadata[installed.name] = metadata_in(metadata_of(installed))
        return self._metadata[installed.name]

    def consulted(self) -> Iterator[Installed]:
        """The distributions whose metadata was read."""
        return (self._installed[name] for name in self._metadata)

    def shown(self, installed: Installed) -> str:
        """Its location as pip shows it: one that is an archive with a slash behind it."""
        if not installed.location:
            return "<memory>"
        location = Path(installed.location)
        return shown(location) + ("/" if location.is_file() else "")

    def shown_path(self, path: Path) -> str:
        """A path as pip shows it."""
        return shown(path)


def staying(
    environment: Environment, policy: SelectionPolicy, requested: Container[NormalizedName]
) -> Callable[[Requirement], bool]:
    """Tells whether a requirement is met by what is installed, so that no index need be asked."""

    def stays(requirement: Requirement) -> bool:
        name = canonicalize_name(requirement.name)
        if policy.existing is not Existing.KEEP or policy.upgrade is Upgrade.EVERYTHING:
            return False
        if policy.upgrade is Upgrade.REQUESTED and name in requested:
            return False
        here = environment.get(name)
        try:
            version = Version(here.version) if here is not None else None
        except InvalidVersion:
            return True  # it will end the run
        return version is not None and requirement.specifier.contains(version, prereleases=True)

    return stays


def shown(path: Path) -> str:
    """`path` from the current folder on where it is below it: ``./build/demo.whl``."""
    text, here = os.path.abspath(path), os.getcwd()  # noqa: PTH100, PTH109 - links stay as they are
    if text == here:
        return os.path.join(".", ".")  # noqa: PTH118 - pip's word for the current folder itself
    return f".{text[len(here) :]}" if text.startswith(here + os.sep) else text
