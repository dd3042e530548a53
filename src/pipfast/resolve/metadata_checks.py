"""Check the metadata of a candidate against its file name and the requirement that it is for."""

from __future__ import annotations

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pipfast.model.events import Listener, RequirementUnreadable
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.mended_requirements import is_valid, mended_lines
from pipfast.model.metadata import Metadata
from pipfast.model.requirement import parsed_version
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.install_requirement import InstallRequirement


@dataclass(frozen=True, slots=True)
class FieldMismatch:
    """A field of the metadata that differs from what is expected; `field` is pip's name for it."""

    field: str
    expected: str
    found: str


def project_mismatch(
    metadata: Metadata, name: NormalizedName, version: Version | None
) -> FieldMismatch | None:
    """Return where metadata are of another project or version, None if they are not."""
    if metadata.canonical_name != name:
        return FieldMismatch("name", name, metadata.canonical_name)
    if version is not None and parsed_version(metadata.version) != version:
        return FieldMismatch("version", str(version), str(parsed_version(metadata.version)))
    return None


def metadata_file_mismatch(
    metadata: Metadata, link: Link, install_req: InstallRequirement
) -> FieldMismatch | None:
    """Return whether the metadata file (PEP 658) of a link is of another project.

    pip checks this separately, before it uses the file.
    """
    if link.core_metadata is None or install_req.requirement is None:
        return None
    name = install_req.requirement.name
    if canonicalize_name(name) == metadata.canonical_name:
        return None
    return FieldMismatch("Name", name, metadata.name)


def differs_in_local_version(metadata: Metadata, version: Version) -> bool:
    """Return whether the version in the metadata is `version` with a local segment."""
    if metadata.version == str(version):  # the common case, without parsing
        return False
    found = parsed_version(metadata.version)
    return found != version and found.public == str(version)


def as_permitted(metadata: Metadata, policy: SelectionPolicy) -> Metadata:
    """Return the metadata, with lax rules with invalid requirements mended."""
    if not policy.lax_requirements:
        return metadata
    return replace(metadata, requires_dist=mended_lines(metadata.requires_dist))


def report_unreadable(metadata: Metadata, emit: Listener) -> None:
    """Emit an event for the first invalid requirement if all of them have a plain meaning."""
    meanings = mended_lines(metadata.requires_dist)
    pairs = zip(metadata.requires_dist, meanings, strict=True)
    changed = [(line, meaning) for line, meaning in pairs if line != meaning]
    if changed and all(map(is_valid, meanings)):
        line, meaning = changed[0]
        emit(RequirementUnreadable(metadata.name, line, meaning))
