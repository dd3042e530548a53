"""An index and an environment as dictionaries, for tests of the resolver without files or
sockets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Distribution, Wheel
from pipfast.model.events import Event
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import Ports, ProjectVersions
from pipfast.resolve.solve import Resolution, solve
from tests.kit.texts import texts

Releases = Mapping[str, Sequence[str]]
"""Requires-Dist lines by version; a key that ends in ``!`` is a yanked release."""

MARKERS = {"python_version": "3.11", "sys_platform": "linux", "os_name": "posix"}


@dataclass
class World:
    """An index, an environment, and the resolver's messages."""

    index: Mapping[str, Releases]
    present: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    requires_python: Mapping[str, str] = field(default_factory=dict)
    wrong_metadata: Mapping[str, str] = field(default_factory=dict)
    emitted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def resolve(
        self, *wanted: str, constraints: Sequence[str] = (), policy: SelectionPolicy | None = None
    ) -> Resolution:
        """Resolve `wanted`; the resolver's lines are appended to `emitted`."""
        asked = [
            *(
                UserRequirement(text=line, requirement=Requirement(line), constraint=True)
                for line in constraints
            ),
            *(UserRequirement(text=line, requirement=Requirement(line)) for line in wanted),
        ]
        return solve(asked, self.ports(), policy or SelectionPolicy())

    def ports(self) -> Ports:
        """Return the resolver's ports; its lines are appended to `emitted`."""
        return Ports(
            index=self,
            metadata=self,
            installed=Environment(self.present, self.index),
            python=Version("3.11.7"),
            markers=MARKERS,
            emit=self._note,
        )

    def pins(
        self, *wanted: str, constraints: Sequence[str] = (), policy: SelectionPolicy | None = None
    ) -> dict[str, str]:
        """Return the versions that `resolve` chooses from the index."""
        resolution = self.resolve(*wanted, constraints=constraints, policy=policy)
        return {str(one.name): str(one.node.version) for one in resolution.pins}

    def _note(self, event: Event) -> None:
        self.emitted += texts([event])

    # the index's port

    def candidates(
        self, project: NormalizedName, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> Iterator[Candidate]:
        """Return matching releases in descending order, yanked ones last."""
        assert not digests
        self.asked.append(project)
        texts = self.index.get(project, {})
        versions = [(text.endswith("!"), Version(text.rstrip("!"))) for text in texts]
        fitting = set(specifier.filter(version for _, version in versions))
        for yanked, version in sorted(versions, key=lambda one: (not one[0], one[1]), reverse=True):
            if version in fitting:
                yield _wheel(project, version, yanked=yanked)

    def versions(self, project: NormalizedName) -> ProjectVersions:
        """Return all versions."""
        return ProjectVersions(versions=tuple(self.index.get(project, {})))

    def prefetch(self, requirements: Iterable[Requirement]) -> None:
        """Do nothing: nothing is slow here."""

    def direct(
        self, link: Link, name: NormalizedName | None, *, editable: bool = False
    ) -> Distribution:
        """Return the wheel at a link of the form ``…/name-version-py3-none-any.whl``."""
        assert not editable
        project, version = link.filename.split("-")[:2]
        assert name in (None, canonicalize_name(project))
        return _wheel(canonicalize_name(project), Version(version), link=link)

    # the metadata port

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        """Return None: nothing was built before."""
        return None

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Do nothing: nothing is slow here."""

    def read(
        self, candidate: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        """Return the metadata that the index lists."""
        assert isinstance(candidate, Wheel)
        assert install_req.described(candidate.link)
        assert not digests
        key = f"{candidate.name}-{candidate.version}"
        releases = self.index[candidate.name]
        text = str(candidate.version)
        return Metadata(
            name=candidate.name,
            version=self.wrong_metadata.get(key, text),
            requires_dist=tuple(releases.get(text) or releases.get(f"{text}!") or ()),
            requires_python=self.requires_python.get(key),
            provides_extra=tuple(self.extras.get(candidate.name, ())),
        )


@dataclass
class Environment:
    """Installed versions by name, with the dependencies that the index lists."""

    present: Mapping[str, str]
    index: Mapping[str, Releases]

    def get(self, project: NormalizedName) -> Installed | None:
        """Return the installed distribution of that name."""
        if project not in self.present:
            return None
        return Installed(
            name=project,
            raw_name=project,
            version=self.present[project],
            location="site",
            info=f"site/{project}.dist-info",
        )

    def metadata(self, installed: Installed) -> Metadata:
        """Return its metadata."""
        lines = self.index.get(installed.name, {}).get(installed.version, ())
        return Metadata(name=installed.name, version=installed.version, requires_dist=tuple(lines))

    def display_location(self, installed: Installed) -> str:
        """Return its location."""
        return str(installed.location)

    def display_path(self, path: Path) -> str:
        """Return the path."""
        return str(path)


def _wheel(
    project: NormalizedName, version: Version, *, yanked: bool = False, link: Link | None = None
) -> Wheel:
    url = f"https://files.example/{project}-{version}-py3-none-any.whl"
    return Wheel(
        link=link or Link(url=url, yanked="broken" if yanked else None),
        name=project,
        version=version,
        build=(),
        tags=frozenset(),
    )
