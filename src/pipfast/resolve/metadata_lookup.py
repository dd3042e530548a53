"""Create the candidates of links from their metadata, with pip's messages."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement
from packaging.version import InvalidVersion, Version

from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution, Source, Wheel
from pipfast.model.events import Discarded
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.requirement import parsed_version
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.errors import InvalidMetadata, InvalidOwnVersion, UnpinnedRequirement
from pipfast.resolve.events import (
    CachedWheelChosen,
    CachedWheelUsed,
    Collecting,
    InconsistentMetadata,
    Obtaining,
    Processing,
)
from pipfast.resolve.graph import LinkCandidate
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.metadata_checks import (
    FieldMismatch,
    as_permitted,
    differs_in_local_version,
    metadata_file_mismatch,
    project_mismatch,
    report_unreadable,
)
from pipfast.resolve.ports import Ports


class MetadataLookup:
    """Reads metadata through the ports; `last_requested` is the distribution of the last call."""

    def __init__(self, ports: Ports, policy: SelectionPolicy) -> None:
        self._ports = ports
        self._policy = policy
        self._last_message: Collecting | Processing | None = None
        self.last_requested: Distribution | None = None

    def candidate(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> LinkCandidate | None:
        """Return the candidate of a distribution, None if it is discarded as inconsistent.

        Raises InvalidMetadata, InvalidOwnVersion, UnpinnedRequirement, and what the ports raise.
        """
        version = _version_of_link(distribution, install_req)
        install_req = install_req.without_marker()
        if version is not None:
            install_req = install_req.pinned(version)
        self.report(distribution, install_req)
        description = install_req.described(distribution.link)
        if self._policy.require_hashes and version is not None and not install_req.is_pinned:
            raise UnpinnedRequirement(description)
        metadata = self._read(distribution, install_req)
        own_version = _version_of(metadata, description)
        if version is not None:
            version = self._expected_version(metadata, version)
        if not self._is_consistent(distribution, metadata, install_req, version):
            return None
        metadata = self._with_valid_dependencies(metadata, description)
        name = distribution.name or metadata.canonical_name
        version = version if version is not None else own_version
        return LinkCandidate(distribution, metadata, install_req.named(metadata), name, version)

    def report(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        """Emit the message that precedes the metadata of a distribution.

        pip does not repeat it if it is the same as the one before.
        """
        link = distribution.link
        if install_req.editable:
            self._ports.emit(Obtaining(install_req.described(link)))
            return
        wheel = self._ports.metadata.cached_wheel(distribution, install_req)
        if wheel is not None:
            self._ports.emit(CachedWheelChosen(wheel.redacted))
        comes_from = install_req.parent_chain()
        message: Collecting | Processing
        if link.is_file and wheel is None:
            origin = "" if install_req.requirement is None else comes_from
            message = Processing(self._ports.installed.display_path(link.path), origin)
        else:
            message = Collecting(install_req.redacted or link.redacted, comes_from)
        if message != self._last_message:
            self._last_message = message
            self._ports.emit(message)
        if wheel is not None:
            self._ports.emit(CachedWheelUsed(wheel.filename, depth=1))

    def _read(self, distribution: Distribution, install_req: InstallRequirement) -> Metadata:
        self.last_requested = distribution
        digests = _digests(distribution.link, install_req)
        return self._ports.metadata.read(distribution, install_req, digests)

    def _expected_version(self, metadata: Metadata, version: Version) -> Version:
        """Return the version that the metadata must have: with lax rules, any local segment."""
        if not differs_in_local_version(metadata, version):
            return version
        found = parsed_version(metadata.version)
        if self._policy.lax_locals:
            return found
        self._ports.emit(Discarded(metadata.canonical_name, str(version), str(found)))
        return version

    def _is_consistent(
        self,
        distribution: Distribution,
        metadata: Metadata,
        install_req: InstallRequirement,
        version: Version | None,
    ) -> bool:
        """Return whether the metadata match the link and the requirement; report if not."""
        link, mismatch = distribution.link, None
        if not self._policy.require_hashes:
            mismatch = metadata_file_mismatch(metadata, link, install_req)
        if mismatch is not None:
            self._discard(link, install_req, mismatch)
            return False
        name = distribution.name or metadata.canonical_name
        mismatch = project_mismatch(metadata, name, version)
        if mismatch is None:
            return True
        if not isinstance(distribution, Wheel) and metadata.canonical_name != name:
            install_req = install_req.renamed(metadata.canonical_name)
        self._discard(link, install_req, mismatch)
        return False

    def _discard(
        self, link: Link, install_req: InstallRequirement, mismatch: FieldMismatch
    ) -> None:
        self._ports.emit(
            InconsistentMetadata(
                link.described(),
                install_req.described(link),
                mismatch.field,
                mismatch.expected,
                mismatch.found,
            )
        )

    def _with_valid_dependencies(self, metadata: Metadata, description: str) -> Metadata:
        """Return the metadata, with lax rules with invalid requirements mended.

        One extra is enough: whether a marker can be evaluated does not depend on the extra's name.
        Raises InvalidMetadata if a requirement is invalid.
        """
        metadata = as_permitted(metadata, self._policy)
        try:
            list(metadata.dependencies(metadata.provides_extra[:1], self._ports.markers))
            return metadata
        except InvalidRequirement as error:
            report_unreadable(metadata, self._ports.emit)
            text = f"Requested {description} has invalid metadata: {error}"
            raise InvalidMetadata(text) from None


def _version_of(metadata: Metadata, description: str) -> Version:
    """Return the version in the metadata. Raises InvalidOwnVersion; pip ends with a traceback."""
    try:
        return parsed_version(metadata.version)
    except InvalidVersion as error:
        text = f"Requested {description} has invalid metadata: {error}"
        raise InvalidOwnVersion(text) from None


def _version_of_link(distribution: Distribution, install_req: InstallRequirement) -> Version | None:
    """Return the version that an index states; None for a direct requirement."""
    if install_req.link is not None or isinstance(distribution, Source):
        return None
    return distribution.version


def _digests(link: Link, install_req: InstallRequirement) -> tuple[Digest, ...]:
    """Return the digests one of which the file must have; none if any file is accepted."""
    if install_req.link is not None and install_req.user_supplied:
        return (*install_req.digests, *link.digests)
    return install_req.digests
