"""Constraints: what a `-c` file says of a project that may never be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.user_requirement import UserRequirement

ANY_VERSION = SpecifierSet()


@dataclass(frozen=True, slots=True)
class Constraint:
    """The lines of one project, put together.

    `digests` is empty for "any".
    """

    specifier: SpecifierSet = ANY_VERSION
    digests: tuple[Digest, ...] = ()
    links: tuple[Link, ...] = ()

    def told(self) -> str:
        """The constraint as an error tells it, to stand behind the project's name."""
        links = ", ".join(link.redacted for link in self.links)
        return f"{self.specifier} (from {links})" if links else str(self.specifier)

    def narrowed(self, wanted: UserRequirement) -> Constraint:
        """The constraint with one more line."""
        specifier = self.specifier
        if wanted.requirement is not None:
            specifier &= wanted.requirement.specifier
        digests = self.digests or wanted.digests
        if self.digests and wanted.digests:
            digests = tuple(digest for digest in digests if digest in wanted.digests)
        links = self.links
        if wanted.link is not None and wanted.link not in links:
            links = (*links, wanted.link)
        return replace(self, specifier=specifier, digests=digests, links=links)


NO_CONSTRAINT = Constraint()


def gathered(wanted: tuple[UserRequirement, ...]) -> Mapping[NormalizedName, Constraint]:
    """The constraints of each project, its lines put together."""
    found: dict[NormalizedName, Constraint] = {}
    for one in wanted:
        if one.name is not None:
            found[one.name] = found.get(one.name, NO_CONSTRAINT).narrowed(one)
    return found
