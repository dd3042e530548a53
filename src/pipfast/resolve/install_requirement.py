"""A requirement together with where it comes from; what pip calls an InstallRequirement."""

from __future__ import annotations

from collections.abc import Mapping
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
    """The same requirement of the project alone."""
    bare = copy(requirement)
    bare.extras = set()
    return bare


@dataclass(frozen=True, slots=True, eq=False)
class InstallRequirement:
    """A requirement, who asked for it, and what was said along with it.

    `comes_from` is a place in a file, another ask whose distribution depends on this, or None for
    the command line. `link` is set for a direct requirement, `editable` for one of ``-e``.
    `requirement` is None only for a direct link that does not name its project; `extras` and
    `marker` stand in for it then. `config_settings` are for the backend that builds it.
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
    def shown(self) -> str:
        """The requirement as messages tell it: for a path, pip does not tell the extras."""
        requirement = self.requirement
        if requirement is None:
            return ""
        if self.link is not None and requirement.url is None and requirement.extras:
            return str(without_extras(requirement))
        return str(requirement)

    @property
    def public(self) -> str:
        """The requirement with the secrets of its address hidden."""
        if self.requirement is None or self.requirement.url is None:
            return self.shown
        return self.shown.replace(self.requirement.url, redact(self.requirement.url))

    def without_extras(self) -> InstallRequirement:
        """The ask for the project itself that an ask with extras brings with it."""
        if self.requirement is None:
            return replace(self, extras=frozenset())
        return replace(self, requirement=without_extras(self.requirement), comes_from=self)

    def chain(self) -> str:
        """``idna>=2->anyio->-r requirements.txt (line 1)``, from this ask up to the user's."""
        own = self.shown
        above = self.above()
        return f"{own}->{above}" if own and above else own

    def above(self) -> str:
        """The chain above this ask, empty for the command line."""
        match self.comes_from:
            case None:
                return ""
            case str(place):
                return place
            case InstallRequirement() as install_req:
                return install_req.chain()

    def described(self, link: Link | None = None) -> str:
        """The requirement with the link that serves it and its origin, as pip tells it."""
        text = self.public
        link = link or self.link
        if link is not None:
            text = f"{text} from {link.redacted}" if text else link.redacted
        above = self.above()
        return f"{text} (from {above})" if above else text

    def for_node(self) -> InstallRequirement:
        """The ask as the distribution that serves it remembers it: without its marker (pip)."""
        if self.requirement is None or self.requirement.marker is None:
            return self if self.marker is None else replace(self, marker=None)
        bare = copy(self.requirement)
        bare.marker = None
        return replace(self, requirement=bare)

    def pinned(self, version: Version) -> InstallRequirement:
        """The ask for one version, where the user said which files will do (pip behaviour).

        So a requirement with digests counts as a pin, whoever chose the version.
        """
        if self.requirement is None or not self.digests:
            return self
        return replace(self, requirement=Requirement(f"{self.requirement.name}=={version}"))

    def named(self, metadata: Metadata) -> InstallRequirement:
        """The ask once its distribution has said which project it is of, and which release."""
        if self.requirement is not None:
            return self
        return replace(self, requirement=Requirement(f"{metadata.name}=={metadata.version}"))

    def renamed(self, name: NormalizedName) -> InstallRequirement:
        """The ask of a source that turned out to be of the project `name` (pip behaviour)."""
        return replace(self, requirement=Requirement(name))

    @property
    def is_pinned(self) -> bool:
        """Whether exactly one version can satisfy it (``==`` or ``===``, alone)."""
        if self.requirement is None:
            return False
        clauses = list(self.requirement.specifier)
        return len(clauses) == 1 and clauses[0].operator in ("==", "===")
