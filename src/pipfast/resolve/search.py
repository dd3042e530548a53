"""The candidates of a project in pip's order: those of the indexes and the installed one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, tee
from typing import NoReturn

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.resolve.candidate_cache import CandidateCache
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.errors import InvalidMetadata
from pipfast.resolve.events import InvalidReleaseIgnored
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    Node,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import CandidateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateQuery:
    """The combined requirements of a node; `install_req` represents them in messages."""

    name: NormalizedName
    extras: frozenset[str]
    specifier: SpecifierSet
    digests: tuple[Digest, ...]
    install_req: InstallRequirement

    @property
    def spelling(self) -> str:
        """The project's name as the first requirement spells it."""
        requirement = self.install_req.requirement
        return self.name if requirement is None else requirement.name

    @classmethod
    def combine(
        cls,
        name: NormalizedName,
        extras: frozenset[NormalizedName],
        requirements: Sequence[InstallRequirement],
        constraint: Constraint,
    ) -> CandidateQuery:
        """Combine `requirements`, which must not be empty, and `constraint`."""
        specifier, digests = constraint.specifier, constraint.digests
        all_extras: set[str] = set(extras)
        for install_req in requirements:
            assert install_req.requirement is not None, "an index is searched by name"
            specifier &= install_req.requirement.specifier
            all_extras |= install_req.requirement.extras
            if digests and install_req.digests:
                digests = tuple(digest for digest in digests if digest in install_req.digests)
            else:
                digests = digests or install_req.digests
        first = requirements[0]
        if constraint.digests and not first.digests:
            first = replace(first, digests=constraint.digests)
        return cls(
            name=name,
            extras=frozenset(all_extras),
            specifier=specifier,
            digests=digests,
            install_req=first,
        )


class FoundCandidates(Sequence[Node]):
    """Candidates in order; they are created when an iteration first reaches them.

    resolvelib iterates several times. If releases were ignored because of invalid metadata, the
    next iteration searches again and reports them again, like pip; `ignored` grows with each of
    them. `has_first` is whether a first candidate is known to exist, so that no index is searched
    to find out.
    """

    def __init__(
        self,
        search: Callable[[], Iterator[Node]],
        ignored: Sequence[Version],
        *,
        has_first: bool,
    ) -> None:
        self._search = search
        self._ignored = ignored
        self._nodes: Iterator[Node] | None = None
        self._ignored_before = 0
        self._is_nonempty: bool | None = True if has_first else None

    def __iter__(self) -> Iterator[Node]:
        if self._nodes is None or len(self._ignored) != self._ignored_before:
            self._ignored_before = len(self._ignored)
            self._nodes = self._search()
        self._nodes, nodes = tee(self._nodes)
        return nodes

    def __bool__(self) -> bool:
        if self._is_nonempty is None:
            self._is_nonempty = any(True for _ in self)
        return self._is_nonempty

    def __getitem__(self, index: object) -> NoReturn:
        raise TypeError("candidates are created one by one")

    def __len__(self) -> NoReturn:
        raise TypeError("the number of candidates is unknown until all are created")


class CandidateSearch:
    """Finds the candidates that match a query."""

    def __init__(self, cache: CandidateCache, index: CandidateSource, emit: Listener) -> None:
        self._cache = cache
        self._index = index
        self._emit = emit

    def find(
        self, query: CandidateQuery, excluded: frozenset[int], *, upgrade: bool
    ) -> FoundCandidates:
        """Return the matching candidates, best first, without those whose id is in `excluded`.

        Without `upgrade`, the installed one comes first, and no index is searched while it is kept.
        """
        base = self._cache.installed(query.name, query.specifier, query.install_req)
        installed = self._add_extras(base, query) if base else None
        if installed is not None and id(installed) in excluded:
            installed = None
        ignored: list[Version] = []

        def search() -> Iterator[Node]:
            if installed is None:
                nodes = self._from_index(query, ignored)
            elif upgrade:
                nodes = self._by_version(query, installed)
            else:
                nodes = self._installed_first(query, installed)
            return (node for node in nodes if id(node) not in excluded)

        has_first = installed is not None and not upgrade
        return FoundCandidates(search, ignored, has_first=has_first)

    def _add_extras(self, base: InstalledCandidate | LinkCandidate, query: CandidateQuery) -> Node:
        if not query.extras:
            return base
        return self._cache.with_extras(base, query.extras, query.install_req)

    def _node(self, candidate: Candidate, query: CandidateQuery) -> Node | None:
        base = self._cache.remote(candidate, query.install_req)
        return self._add_extras(base, query) if base else None

    def _candidates(self, query: CandidateQuery) -> Iterator[Candidate]:
        """Yield candidates of the index; yanked ones only if a pin matches no other (PEP 592)."""
        candidates = self._index.candidates(query.name, query.specifier, query.digests)
        if query.digests:
            # Files with a matching digest come first, whether yanked or not.
            every = list(candidates)
            only_yanked = all(one.link.yanked is not None for one in every)
            candidates = iter(every)
        else:
            first = next(candidates, None)
            only_yanked = first is not None and first.link.yanked is not None
            candidates = chain([first] if first else [], candidates)
        if only_yanked:
            return candidates if is_pin(query.specifier) else iter(())
        return (one for one in candidates if one.link.yanked is None)

    def _from_index(self, query: CandidateQuery, ignored: list[Version]) -> Iterator[Node]:
        """Yield one candidate per version; versions with invalid metadata are ignored."""
        seen: set[Version] = set()
        for candidate in self._candidates(query):
            if candidate.version in seen:
                continue
            try:
                node = self._node(candidate, query)
            except InvalidMetadata as error:
                # Other distributions of the version probably have the same metadata.
                version = candidate.version
                seen.add(version)
                ignored.append(version)
                self._emit(InvalidReleaseIgnored(query.spelling, str(version), error.message))
                continue
            if node is not None:
                yield node
                seen.add(candidate.version)

    def _installed_first(self, query: CandidateQuery, installed: Node) -> Iterator[Node]:
        """Yield the installed candidate, then those of the index."""
        yield installed
        seen = {installed.version}
        for candidate in self._candidates(query):
            if candidate.version in seen:
                continue
            node = self._node(candidate, query)
            if node is not None:
                yield node
                seen.add(candidate.version)

    def _by_version(self, query: CandidateQuery, installed: Node) -> Iterator[Node]:
        """Yield candidates by version, the installed one before others of the same version."""
        seen: set[Version] = set()
        for candidate in self._candidates(query):
            if candidate.version in seen:
                continue
            if installed.version >= candidate.version:
                # Like pip, this yields it again before each older version; only the first counts.
                yield installed
                seen.add(installed.version)
            node = self._node(candidate, query)
            if node is not None:
                yield node
                seen.add(candidate.version)
        if installed.version not in seen:
            yield installed

    def with_extras(
        self, dependencies: Iterable[Dependency], extras: frozenset[NormalizedName]
    ) -> list[ExtrasCandidate]:
        """Return the candidates of explicit dependencies on the base, with `extras`."""
        return [
            self._cache.with_extras(each.node, extras, each.node.install_req)
            for each in dependencies
            if isinstance(each, ExplicitRequirement)
            and isinstance(each.node, LinkCandidate | InstalledCandidate)
        ]

    def constrained(
        self,
        constraint: Constraint,
        name: NormalizedName,
        extras: frozenset[NormalizedName],
        install_req: InstallRequirement,
    ) -> list[Node] | None:
        """Return the candidates of a constraint's links, None if the target supports not all."""
        nodes: list[Node] = []
        for link in constraint.links:
            try:
                candidate = self._index.direct(link, name)
            except InstallationError:
                return None
            base = self._cache.remote(candidate, replace(install_req, link=link))
            if base is not None:
                nodes.append(self._cache.with_extras(base, extras, install_req) if extras else base)
        return nodes


def is_pin(specifier: SpecifierSet) -> bool:
    """Return whether `specifier` has ``===``, or ``==`` without a wildcard."""
    return any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
        for clause in specifier
    )


def allows(constraint: Constraint, node: Node) -> bool:
    """Return whether a candidate of a direct link satisfies a constraint."""
    if constraint.links:
        base = node.base if isinstance(node, ExtrasCandidate) else node
        link = base.distribution.link if isinstance(base, LinkCandidate) else None
        if link is None or any(
            link.comparable_location != other.comparable_location for other in constraint.links
        ):
            return False
    return constraint.specifier.contains(node.version, prereleases=True)
