"""Adapters that implement the resolver's ports for candidates and for installed distributions."""

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
from packaging.version import InvalidVersion

from pipfast.environment.metadata_files import metadata_of
from pipfast.errors import InstallationError, PipfastError
from pipfast.fetch.prefetch import Prefetcher
from pipfast.index.candidates import Candidates
from pipfast.index.finder import Finder
from pipfast.model import wheel_name
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Source, Wheel
from pipfast.model.events import Listener, Phase, Stage, silent
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata, metadata_in
from pipfast.model.requirement import parsed_version
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.requirements.parse_link import is_wheel_link
from pipfast.resolve.ports import ProjectVersions


class WrongProject(PipfastError):
    """A requirement names one project, and the wheel at its URL belongs to another."""

    def __init__(self, link: Link, name: str, project: str) -> None:
        super().__init__(f"{link.redacted} is a wheel of {project!r}, not of {name!r}")


class Index:
    """Candidates of the indexes, with prefetching; `debug` gets a message on how hashes select.

    `progress` gets an event for each project that is looked at.
    """

    def __init__(
        self,
        finder: Finder,
        ahead: Prefetcher,
        policy: SelectionPolicy,
        tags: Sequence[Tag],
        debug: Listener | None = None,
        progress: Listener = silent,
    ) -> None:
        self._finder = finder
        self._debug = debug
        self._ahead = ahead
        self._policy = policy
        self._tags = frozenset(tags)
        self._explained: set[tuple[NormalizedName, SpecifierSet, frozenset[Digest]]] = set()
        self._progress = progress
        self._seen: set[NormalizedName] = set()
        self.was_used = False

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """Return the candidates that match `specifier`, best first."""
        self.was_used = True
        self._seen.add(project)
        self._progress(Stage(Phase.RESOLVE, len(self._seen), 0, project))
        found = self._finder.found(project)
        if self._debug is not None:
            self._explain(found, specifier, digests, self._debug)
        return found.candidates(specifier, digests)

    def _explain(
        self,
        found: Candidates,
        specifier: SpecifierSet,
        digests: Sequence[Digest],
        emit: Listener,
    ) -> None:
        """Report how the hashes select, once for each question, as pip does."""
        question = found.project, specifier, frozenset(digests)
        if question not in self._explained:
            self._explained.add(question)
            emit(found.check_hashes(specifier, digests))

    def versions(self, project: NormalizedName) -> ProjectVersions:
        """Return the versions of `project`, and what Requires-Python excluded in the run."""
        found = self._finder.found(project)
        return ProjectVersions(
            versions=found.versions(),
            yanked=found.yanked(),
            excluded_by_python=self._finder.requires_python_skipped(),
            final_only=self._policy.releases.prereleases(project) is False,
            locked=project in self._policy.locked,
        )

    def prefetch(self, requirements: Iterable[Requirement]) -> None:
        """Prefetch pages and metadata."""
        self._ahead.expect(requirements)

    def direct(
        self, link: Link, name: NormalizedName | None, *, editable: bool = False
    ) -> Distribution:
        """Return the wheel or the source at a direct link.

        Raises InstallationError for a wheel with an invalid file name or unsupported tags,
        WrongProject for a remote one whose file name has another project.
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
    """The installed distributions, by name; metadata are read once for each."""

    def __init__(self, installed: Mapping[NormalizedName, Installed]) -> None:
        self._installed = installed
        self._metadata: dict[NormalizedName, Metadata] = {}
        self._consulted: dict[NormalizedName, Installed] = {}

    def get(self, project: NormalizedName) -> Installed | None:
        """Return the installed distribution of `project`, None if there is none."""
        return self._installed.get(project)

    def metadata(self, installed: Installed) -> Metadata:
        """Return the metadata of an installed distribution."""
        if installed.name not in self._metadata:
            self._metadata[installed.name] = metadata_in(metadata_of(installed))
            self._consulted[installed.name] = installed
        return self._metadata[installed.name]

    def consulted(self) -> Iterator[Installed]:
        """Yield the distributions whose metadata were read, also those that the run ignores."""
        return iter(self._consulted.values())

    def display_location(self, installed: Installed) -> str:
        """Return its location as pip prints it: an archive with a slash at the end."""
        if not installed.location:
            return "<memory>"
        location = Path(installed.location)
        return display_path(location) + ("/" if location.is_file() else "")

    def display_path(self, path: Path) -> str:
        """Return a path as pip prints it."""
        return display_path(path)


def satisfied_by_installed(
    environment: Environment, policy: SelectionPolicy, requested: Container[NormalizedName]
) -> Callable[[Requirement], bool]:
    """Return a function that tells whether an installed distribution satisfies a requirement.

    If so, no index is requested for it.
    """

    def is_satisfied(requirement: Requirement) -> bool:
        name = canonicalize_name(requirement.name)
        if policy.existing is not Existing.KEEP or policy.upgrade is Upgrade.EVERYTHING:
            return False
        if policy.upgrade is Upgrade.REQUESTED and name in requested:
            return False
        installed = environment.get(name)
        try:
            version = parsed_version(installed.version) if installed is not None else None
        except InvalidVersion:
            return True  # the resolver raises an error for it
        return version is not None and requirement.specifier.contains(version, prereleases=True)

    return is_satisfied


def display_path(path: Path) -> str:
    """Return `path` as pip prints it, relative if it is below the working directory.

    Example: ``./build/demo.whl``.
    """
    if not os.path.isabs(path):  # noqa: PTH117 - a `file:` address with a relative path
        return str(path)
    try:
        text, folder = os.path.abspath(path), os.getcwd()  # noqa: PTH100, PTH109 - links stay
    except OSError:  # the working directory was deleted
        return str(path)
    if text == folder:
        return os.path.join(".", ".")  # noqa: PTH118 - what pip prints for the working directory
    return f".{text[len(folder) :]}" if text.startswith(folder + os.sep) else text
