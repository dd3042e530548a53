"""resolvelib's questions, answered by pip's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.utils import NormalizedName
from resolvelib.providers import AbstractProvider
from resolvelib.structs import RequirementInformation

from pipfast.policy.selection import Upgrade
from pipfast.resolve.constraint import NO_CONSTRAINT, Constraint
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    Node,
    RequiresPythonRequirement,
    SpecifierRequirement,
    split_key,
)
from pipfast.resolve.node_factory import Pool
from pipfast.resolve.preference import Conflicts, Preference, narrowed, preference
from pipfast.resolve.search import CandidateQuery, CandidateSearch, allows

Information = RequirementInformation[Dependency, Node]


class Provider(AbstractProvider[Dependency, Node, str]):
    """The questions of one resolution; `order` is the user's, by node name."""

    def __init__(
        self,
        pool: Pool,
        search: CandidateSearch,
        constraints: Mapping[NormalizedName, Constraint],
        order: Mapping[str, int],
        upgrade: Upgrade,
    ) -> None:
        self._pool = pool
        self._search = search
        self._constraints = constraints
        self._order = order
        self._upgrade = upgrade
        self._conflicts = Conflicts()
        self._satisfied: dict[tuple[int, int], bool] = {}

    def identify(self, requirement_or_candidate: Dependency | Node) -> str:
        """The node's name."""
        return requirement_or_candidate.key

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[str],
        resolutions: Mapping[str, Node],
        candidates: Mapping[str, Iterator[Node]],  # noqa: ARG002 - resolvelib's signature
        information: Mapping[str, Iterator[Information]],  # noqa: ARG002 - the same
        backtrack_causes: Sequence[Information],
    ) -> Iterable[str]:
        """The projects to decide first; conflicts are counted on the way."""
        causes: set[str] = set()
        for cause in backtrack_causes:
            parents = [cause.parent.key] if cause.parent is not None else []
            for key in (cause.requirement.key, *parents):
                causes.add(key)
                if key not in resolutions:
                    self._conflicts.note(key)
        return narrowed(identifiers, frozenset(causes), self._conflicts.promoted)

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Node],  # noqa: ARG002 - resolvelib's signature
        candidates: Mapping[str, Iterator[Node]],  # noqa: ARG002 - the same
        information: Mapping[str, Iterable[Information]],
        backtrack_causes: Sequence[Information],  # noqa: ARG002 - the same
    ) -> Preference:
        """The sort key of an undecided project."""
        needs = (known.requirement for known in information[identifier])
        return preference(identifier, needs, self._order, self._conflicts.promoted)

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Dependency]],
        incompatibilities: Mapping[str, Iterator[Node]],
    ) -> Sequence[Node]:
        """The candidates that satisfy every need of a node, best first and one at a time."""
        needs = list(requirements[identifier])
        name, extras = split_key(identifier)
        excluded = frozenset(id(node) for node in incompatibilities.get(identifier, ()))
        constraint = self._constraints.get(name, NO_CONSTRAINT)
        exact = [node for need in needs if (node := _only(need)) is not None]
        asks = [need.install_req for need in needs if isinstance(need, SpecifierRequirement)]
        if extras:
            base_needs = list(requirements.get(name, ()))
            asks += [
                need.install_req for need in base_needs if isinstance(need, SpecifierRequirement)
            ]
            exact += self._search.with_extras(base_needs, extras)
        if asks and constraint.links:
            constrained = self._search.constrained(constraint, name, extras, asks[0])
            if constrained is None:
                return []
            exact += constrained
        if exact:
            return [
                node
                for node in dict.fromkeys(exact)
                if id(node) not in excluded
                and allows(constraint, node)
                and all(self.is_satisfied_by(need, node) for need in needs)
            ]
        if not asks:
            return []
        wish = CandidateQuery.of(name, extras, asks, constraint)
        return self._search.found(wish, excluded, upgrade=self._may_upgrade(identifier, name))

    def is_satisfied_by(self, requirement: Dependency, candidate: Node) -> bool:
        """Whether the candidate is what the need asks for; judged once for each pair."""
        key = (id(requirement), id(candidate))
        known = self._satisfied.get(key)
        if known is None:
            known = self._satisfied[key] = requirement.is_satisfied_by(candidate)
        return known

    def get_dependencies(self, candidate: Node) -> Iterable[Dependency]:
        """What the candidate depends on."""
        return self._pool.needs(candidate)

    def _may_upgrade(self, key: str, name: NormalizedName) -> bool:
        match self._upgrade:
            case Upgrade.EVERYTHING:
                return True
            case Upgrade.REQUESTED:
                return key in self._order or name in self._order
            case Upgrade.NOTHING:
                return False


def _only(need: Dependency) -> Node | None:
    """The one candidate that a need names, None where it leaves a choice."""
    match need:
        case ExplicitRequirement(node):
            return node
        case RequiresPythonRequirement(python=python, fits=fits):
            return python if fits else None
        case _:
            return None
