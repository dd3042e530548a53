"""Constraints: limits on projects that do not cause them to be installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pipfast.model.digest import Digest
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.link import Link
from pipfast.model.user_requirement import UserRequirement

ANY_VERSION = SpecifierSet()


@dataclass(frozen=True, slots=True)
class Constraint:
    """All constraints of a project; `digests` is empty if every file is accepted."""

    specifier: SpecifierSet = ANY_VERSION
    digests: tuple[Digest, ...] = ()
    links: tuple[Link, ...] = ()

    def describe(self) -> str:
        """Return the constraint as pip prints it after the project's name."""
        links = ", ".join(link.redacted for link in self.links)
        return f"{self.specifier} (from {links})" if links else str(self.specifier)

    def combined(self, other: UserRequirement) -> Constraint:
        """Return the constraint combined with another one of the project."""
        specifier = self.specifier
        if other.requirement is not None:
            specifier &= other.requirement.specifier
        digests = self.digests or other.digests
        if self.digests and other.digests:
            digests = tuple(digest for digest in digests if digest in other.digests)
        links = self.links
        if other.link is not None and other.link not in links:
            links = (*links, other.link)
        return replace(self, specifier=specifier, digests=digests, links=links)


NO_CONSTRAINT = Constraint()


def by_project(
    constraints: Iterable[UserRequirement],
) -> Mapping[NormalizedName, Constraint]:
    """Return the combined constraints of each project; those without a project are ignored."""
    combined: dict[NormalizedName, Constraint] = {}
    for each in constraints:
        if each.name is not None:
            combined[each.name] = combined.get(each.name, NO_CONSTRAINT).combined(each)
    return combined
