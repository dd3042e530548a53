"""The provider that resolvelib calls; it implements pip's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.utils import NormalizedName
from resolvelib.providers import AbstractProvider
from resolvelib.structs import RequirementInformation

from pipfast.policy.selection import Upgrade
from pipfast.resolve.constraint import NO_CONSTRAINT, Constraint
from pipfast.resolve.dependency_finder import DependencyFinder
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    Node,
    RequiresPythonRequirement,
    SpecifierRequirement,
    split_key,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.preference import Conflicts, Preference, narrow, preference
from pipfast.resolve.search import CandidateQuery, CandidateSearch, allows

Information = RequirementInformation[Dependency, Node]


class Provider(AbstractProvider[Dependency, Node, str]):
    """The provider of one resolution; `order` has the positions of the user's requirements."""

    def __init__(
        self,
        finder: DependencyFinder,
        search: CandidateSearch,
        constraints: Mapping[NormalizedName, Constraint],
        order: Mapping[str, int],
        upgrade: Upgrade,
    ) -> None:
        self._finder = finder
        self._search = search
        self._constraints = constraints
        self._order = order
        self._upgrade = upgrade
        self._conflicts = Conflicts()
        self._satisfied: dict[tuple[int, int], bool] = {}

    def identify(self, requirement_or_candidate: Dependency | Node) -> str:
        """Return the key of a node."""
        return requirement_or_candidate.key

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[str],
        resolutions: Mapping[str, Node],
        candidates: Mapping[str, Iterator[Node]],  # noqa: ARG002 - resolvelib's signature
        information: Mapping[str, Iterator[Information]],  # noqa: ARG002 - the same
        backtrack_causes: Sequence[Information],
    ) -> Iterable[str]:
        """Return the projects to decide first, and count their conflicts."""
        causes: set[str] = set()
        for cause in backtrack_causes:
            parents = [cause.parent.key] if cause.parent is not None else []
            for key in (cause.requirement.key, *parents):
                causes.add(key)
                if key not in resolutions:
                    self._conflicts.count(key)
        return narrow(identifiers, frozenset(causes), self._conflicts.promoted)

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Node],  # noqa: ARG002 - resolvelib's signature
        candidates: Mapping[str, Iterator[Node]],  # noqa: ARG002 - the same
        information: Mapping[str, Iterable[Information]],
        backtrack_causes: Sequence[Information],  # noqa: ARG002 - the same
    ) -> Preference:
        """Return the sort key of an undecided project."""
        dependencies = (each.requirement for each in information[identifier])
        return preference(identifier, dependencies, self._order, self._conflicts.promoted)

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Dependency]],
        incompatibilities: Mapping[str, Iterator[Node]],
    ) -> Sequence[Node]:
        """Return the candidates that satisfy all dependencies on a node, best first.

        Candidates of an index are created one by one.
        """
        dependencies = list(requirements[identifier])
        name, extras = split_key(identifier)
        excluded = frozenset(id(node) for node in incompatibilities.get(identifier, ()))
        constraint = self._constraints.get(name, NO_CONSTRAINT)
        explicit = [node for each in dependencies if (node := _explicit(each)) is not None]
        specified = _install_requirements(dependencies)
        if extras:
            of_base = list(requirements.get(name, ()))
            specified += _install_requirements(of_base)
            explicit += self._search.with_extras(of_base, extras)
        if specified and constraint.links:
            constrained = self._search.constrained(constraint, name, extras, specified[0])
            if constrained is None:
                return []
            explicit += constrained
        if explicit:
            return [
                node
                for node in dict.fromkeys(explicit)
                if id(node) not in excluded
                and allows(constraint, node)
                and all(self.is_satisfied_by(each, node) for each in dependencies)
            ]
        if not specified:
            return []
        query = CandidateQuery.combine(name, extras, specified, constraint)
        return self._search.find(query, excluded, upgrade=self._may_upgrade(identifier, name))

    def is_satisfied_by(self, requirement: Dependency, candidate: Node) -> bool:
        """Return whether a candidate satisfies a dependency; cached for each pair."""
        key = (id(requirement), id(candidate))
        known = self._satisfied.get(key)
        if known is None:
            known = self._satisfied[key] = requirement.is_satisfied_by(candidate)
        return known

    def get_dependencies(self, candidate: Node) -> Iterable[Dependency]:
        """Return what a candidate depends on."""
        return self._finder.of_candidate(candidate)

    def _may_upgrade(self, key: str, name: NormalizedName) -> bool:
        match self._upgrade:
            case Upgrade.EVERYTHING:
                return True
            case Upgrade.REQUESTED:
                return key in self._order or name in self._order
            case Upgrade.NOTHING:
                return False


def _install_requirements(dependencies: Iterable[Dependency]) -> list[InstallRequirement]:
    return [each.install_req for each in dependencies if isinstance(each, SpecifierRequirement)]


def _explicit(dependency: Dependency) -> Node | None:
    """Return the only candidate of a dependency, None if it does not determine one."""
    match dependency:
        case ExplicitRequirement(node):
            return node
        case RequiresPythonRequirement(python=python, fits=fits):
            return python if fits else None
        case _:
            return None
