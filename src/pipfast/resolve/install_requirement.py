"""A requirement with its origin, like the InstallRequirement of pip."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from types import MappingProxyType

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import Link, redact
from pipfast.model.metadata import Metadata

NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})


def without_extras(requirement: Requirement) -> Requirement:
    """Return a copy of the requirement without extras."""
    bare = copy(requirement)
    bare.extras = set()
    return bare


@dataclass(frozen=True, slots=True, eq=False)
class InstallRequirement:
    """A requirement, its origin, and the options that belong to it.

    `comes_from` is a line of a file, the requirement whose distribution depends on this one, or
    None for the command line. `link` is set for a direct requirement, `editable` for ``-e``.
    `requirement` is None only for a direct link that does not name its project; `extras` and
    `marker` are then set instead. `config_settings` are passed to the build backend.
    """

    requirement: Requirement | None
    comes_from: str | InstallRequirement | None = None
    link: Link | None = None
    digests: tuple[Digest, ...] = ()
    user_supplied: bool = False
    editable: bool = False
    config_settings: Mapping[str, str | list[str]] = field(default_factory=lambda: NO_SETTINGS)
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None

    @property
    def text(self) -> str:
        """The requirement as pip prints it, for a path without extras; empty if unnamed."""
        requirement = self.requirement
        if requirement is None:
            return ""
        if self.link is not None and requirement.url is None and requirement.extras:
            return str(without_extras(requirement))
        return str(requirement)

    @property
    def comes_from_distribution(self) -> bool:
        """Whether a distribution requires it, and not the user."""
        return isinstance(self.comes_from, InstallRequirement)

    @property
    def redacted(self) -> str:
        """The requirement without the credentials of its URL."""
        if self.requirement is None or self.requirement.url is None:
            return self.text
        return self.text.replace(self.requirement.url, redact(self.requirement.url))

    @property
    def requested_extras(self) -> AbstractSet[str]:
        """The extras of the requirement, named or not."""
        return self.requirement.extras if self.requirement else self.extras

    def applies(self, markers: Mapping[str, str]) -> bool:
        """Return whether its marker applies in the environment `markers`."""
        marker = self.requirement.marker if self.requirement else self.marker
        return marker is None or marker.evaluate({**markers, "extra": ""})

    def without_extras(self) -> InstallRequirement:
        """Return the requirement of the project itself that one with extras implies."""
        if self.requirement is None:
            return replace(self, extras=frozenset(), comes_from=self)
        return replace(self, requirement=without_extras(self.requirement), comes_from=self)

    def chain(self) -> str:
        """Return the requirements from this one up to the user's, without credentials.

        Example: ``idna>=2->anyio->-r requirements.txt (line 1)``.
        """
        url = self.requirement.url if self.requirement else None
        has_credentials = url is not None and "@" in url.partition("://")[2].partition("/")[0]
        text, parents = self.redacted if has_credentials else self.text, self.parent_chain()
        return f"{text}->{parents}" if text and parents else text

    def parent_chain(self) -> str:
        """Return the chain without this requirement, empty for the command line."""
        match self.comes_from:
            case None:
                return ""
            case str(line):
                return line
            case InstallRequirement() as parent:
                return parent.chain()

    def described(self, link: Link | None = None) -> str:
        """Return the requirement with its link, or `link`, and its origin, as pip prints it."""
        text = self.redacted
        link = link or self.link
        if link is not None:
            text = f"{text} from {link.redacted}" if text else link.redacted
        parents = self.parent_chain()
        return f"{text} (from {parents})" if parents else text

    def without_marker(self) -> InstallRequirement:
        """Return the requirement as a candidate has it: without its marker (pip behaviour)."""
        if self.requirement is None or self.requirement.marker is None:
            return self if self.marker is None else replace(self, marker=None)
        bare = copy(self.requirement)
        bare.marker = None
        return replace(self, requirement=bare)

    def pinned(self, version: Version) -> InstallRequirement:
        """Return the requirement pinned to a version if it has digests (pip behaviour).

        A requirement with digests thus counts as pinned even if the resolver chose the version.
        """
        if self.requirement is None or not self.digests:
            return self
        return replace(self, requirement=Requirement(f"{self.requirement.name}=={version}"))

    def named(self, metadata: Metadata) -> InstallRequirement:
        """Return the requirement with the project and version of its metadata if it is unnamed."""
        if self.requirement is not None:
            return self
        return replace(self, requirement=Requirement(f"{metadata.name}=={metadata.version}"))

    def renamed(self, name: NormalizedName) -> InstallRequirement:
        """Return the requirement of a source that is of the project `name` (pip behaviour)."""
        return replace(self, requirement=Requirement(name))

    @property
    def is_pinned(self) -> bool:
        """Whether its specifier is a single ``==`` or ``===`` clause."""
        if self.requirement is None:
            return False
        clauses = list(self.requirement.specifier)
        return len(clauses) == 1 and clauses[0].operator in ("==", "===")
