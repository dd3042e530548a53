"""Create each candidate of a resolution once.

Candidates are compared by identity. The metadata of a remote candidate are read when it is created,
so it is created only when the resolver reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pipfast.errors import InstallationError, PipfastError
from pipfast.model.distribution import Distribution, Sdist, Source
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.requirement import parsed_version
from pipfast.policy.selection import Existing, SelectionPolicy
from pipfast.resolve.errors import InvalidInstalledDistribution
from pipfast.resolve.events import InstalledNotHashed, RequirementSatisfied
from pipfast.resolve.graph import (
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    PythonCandidate,
    key_of,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.metadata_lookup import MetadataLookup
from pipfast.resolve.ports import Ports


class CandidateCache:
    """The candidates of one resolution: by link, by installed project, and by base and extras."""

    def __init__(self, lookup: MetadataLookup, ports: Ports, policy: SelectionPolicy) -> None:
        self._lookup = lookup
        self._ports = ports
        self._policy = policy
        self._remote: dict[tuple[str, str], LinkCandidate | None] = {}
        self._installed: dict[NormalizedName, InstalledCandidate] = {}
        self._extras: dict[tuple[int, frozenset[NormalizedName]], ExtrasCandidate] = {}
        self.python = PythonCandidate(ports.python)

    def installed(
        self, project: NormalizedName, specifier: SpecifierSet, install_req: InstallRequirement
    ) -> InstalledCandidate | None:
        """Return the installed distribution if it may be kept and matches `specifier`.

        Raises InvalidInstalledDistribution if its version is invalid.
        """
        if self._policy.existing is not Existing.KEEP:
            return None
        installed = self._ports.installed.get(project)
        if installed is None:
            return None
        try:
            version = parsed_version(installed.version)
        except InvalidVersion as error:
            raise InvalidInstalledDistribution(installed, error) from None
        if not specifier.contains(version, prereleases=True):
            return None
        if project not in self._installed:
            self._installed[project] = self._create_installed(installed, version, install_req)
        return self._installed[project]

    def _create_installed(
        self, installed: Installed, version: Version, install_req: InstallRequirement
    ) -> InstalledCandidate:
        install_req = install_req.without_marker()
        requirement = install_req.requirement
        text = str(requirement) if requirement else installed.raw_name
        location = self._ports.installed.display_location(installed)
        comes_from = install_req.parent_chain()
        self._ports.emit(RequirementSatisfied(text, str(version), location, comes_from))
        if self._policy.require_hashes:
            self._ports.emit(InstalledNotHashed(depth=1))
        metadata = self._ports.installed.metadata(installed)
        return InstalledCandidate(installed, metadata, install_req, installed.name, version)

    def remote(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> LinkCandidate | None:
        """Return the candidate of a link.

        None if its metadata are inconsistent, or if the policy excludes sdists of the project.
        Raises InvalidMetadata, UnpinnedRequirement, and what the ports raise.
        """
        link = distribution.link
        if isinstance(distribution, Sdist) and distribution.name in self._policy.without_sources:
            return None
        key = (link.url, f"-e {link.fragment}" if install_req.editable else link.fragment)
        if key not in self._remote:
            self._remote[key] = self._lookup.candidate(distribution, install_req)
        return self._remote[key]

    def direct(self, install_req: InstallRequirement) -> LinkCandidate | None:
        """Return the candidate of a direct requirement, None if its metadata are inconsistent.

        Raises InstallationError for a URL without a scheme, and what `remote` raises.
        """
        assert install_req.link is not None, "only a direct requirement has a link"
        url = install_req.link.url
        if not _has_scheme(install_req.link):
            self._lookup.report(Source(link=install_req.link), install_req.without_marker())
            raise InstallationError(
                f"Could not install packages due to an OSError: Invalid URL {url!r}: "
                f"No scheme supplied. Perhaps you meant https://{url}?\n"
            )
        return self.remote(self._distribution(install_req, install_req.link), install_req)

    def prepare(self, install_req: InstallRequirement) -> None:
        """Start to prepare the distribution of a direct requirement if its marker applies."""
        link = install_req.link
        if link is None or not _has_scheme(link) or not install_req.applies(self._ports.markers):
            return
        try:
            distribution = self._distribution(install_req, link)
        except PipfastError:
            return  # `direct` raises it again
        bare = install_req.without_extras() if install_req.requested_extras else install_req
        self._ports.metadata.prepare(distribution, bare.without_marker())

    def _distribution(self, install_req: InstallRequirement, link: Link) -> Distribution:
        requirement = install_req.requirement
        name = canonicalize_name(requirement.name) if requirement else None
        return self._ports.index.direct(link, name, editable=install_req.editable)

    def with_extras(
        self,
        base: LinkCandidate | InstalledCandidate,
        extras: Iterable[str],
        install_req: InstallRequirement,
    ) -> ExtrasCandidate:
        """Return the candidate of `base` with `extras`; it has the first `install_req`."""
        names = frozenset(canonicalize_name(extra) for extra in extras)
        key = (id(base), names)
        if key not in self._extras:
            self._extras[key] = ExtrasCandidate(base, names, install_req, key_of(base.name, names))
        return self._extras[key]


def _has_scheme(link: Link) -> bool:
    return ":" in link.url
