"""The candidates of a project in pip's order: what is installed among what the indexes have."""

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
from pipfast.model.events import Level, Listener, Said
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    Node,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.node_factory import InvalidMetadata, Pool
from pipfast.resolve.ports import CandidateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateQuery:
    """Everything that is asked of one node, put together."""

    name: NormalizedName
    extras: frozenset[str]
    specifier: SpecifierSet
    digests: tuple[Digest, ...]
    install_req: InstallRequirement

    @classmethod
    def of(
        cls,
        name: NormalizedName,
        extras: frozenset[NormalizedName],
        asks: Sequence[InstallRequirement],
        constraint: Constraint,
    ) -> CandidateQuery:
        """What `asks` and `constraint` want; the first ask speaks for all in messages."""
        specifier, digests = constraint.specifier, constraint.digests
        every_extra: set[str] = set(extras)
        for install_req in asks:
            assert install_req.requirement is not None, "an index is asked by name"
            specifier &= install_req.requirement.specifier
            every_extra |= install_req.requirement.extras
            if digests and install_req.digests:
                digests = tuple(digest for digest in digests if digest in install_req.digests)
            else:
                digests = digests or install_req.digests
        first = asks[0]
        if constraint.digests and not first.digests:
            first = replace(first, digests=constraint.digests)
        return cls(
            name=name,
            extras=frozenset(every_extra),
            specifier=specifier,
            digests=digests,
            install_req=first,
        )


class FoundCandidates(Sequence[Node]):
    """Candidates in order, for resolvelib: gone through any number of times, each made once.

    A walk on which a release was refused for its metadata begins anew each time, as pip's do: it
    is read again, and refused again in so many words. `refused` holds these releases. `surely` says
    that there is a first candidate, so that nothing is asked to know it.
    """

    def __init__(
        self,
        begin: Callable[[], Iterator[Node]],
        refused: Sequence[Version],
        *,
        surely: bool,
    ) -> None:
        self._begin = begin
        self._refused = refused
        self._nodes: Iterator[Node] | None = None
        self._refused_before = 0
        self._filled: bool | None = True if surely else None

    def __iter__(self) -> Iterator[Node]:
        if self._nodes is None or len(self._refused) != self._refused_before:
            self._refused_before = len(self._refused)
            self._nodes = self._begin()
        self._nodes, nodes = tee(self._nodes)
        return nodes

    def __bool__(self) -> bool:
        if self._filled is None:
            self._filled = any(True for _ in self)
        return self._filled

    def __getitem__(self, index: object) -> NoReturn:
        raise TypeError("candidates are made one after the other")

    def __len__(self) -> NoReturn:
        raise TypeError("how many candidates there are is not known before all are made")


class CandidateSearch:
    """Looks for candidates; what has been made is the pool's."""

    def __init__(self, pool: Pool, index: CandidateSource, emit: Listener) -> None:
        self._pool = pool
        self._index = index
        self._emit = emit

    def found(
        self, wish: CandidateQuery, excluded: frozenset[int], *, upgrade: bool
    ) -> FoundCandidates:
        """The candidates, best first, made when they are reached.

        Without `upgrade` what is installed comes first and the index is not asked if it stays.
        """
        base = self._pool.present(wish.name, wish.specifier, wish.install_req)
        present = self._dressed(base, wish) if base else None
        if present is not None and id(present) in excluded:
            present = None
        refused: list[Version] = []

        def walk() -> Iterator[Node]:
            if present is None:
                nodes = self._fresh(wish, refused)
            elif upgrade:
                nodes = self._inserted(wish, present)
            else:
                nodes = self._preferred(wish, present)
            return (node for node in nodes if id(node) not in excluded)

        installed_comes_first = present is not None and not upgrade
        return FoundCandidates(walk, refused, surely=installed_comes_first)

    def _dressed(self, base: InstalledCandidate | LinkCandidate, wish: CandidateQuery) -> Node:
        return self._pool.with_extras(base, wish.extras, wish.install_req) if wish.extras else base

    def _remote(self, candidate: Candidate, wish: CandidateQuery) -> Node | None:
        base = self._pool.remote(candidate, wish.install_req)
        return self._dressed(base, wish) if base else None

    def _infos(self, wish: CandidateQuery) -> Iterator[Candidate]:
        """The index's candidates; yanked ones only where nothing else fits a pin (PEP 592)."""
        candidates = self._index.candidates(wish.name, wish.specifier, wish.digests)
        if wish.digests:
            # A file with the right digest comes first, yanked or not.
            every = list(candidates)
            only_yanked = all(one.link.yanked is not None for one in every)
            candidates = iter(every)
        else:
            first = next(candidates, None)
            only_yanked = first is not None and first.link.yanked is not None
            candidates = chain([first] if first else [], candidates)
        if only_yanked:
            return candidates if is_pin(wish.specifier) else iter(())
        return (one for one in candidates if one.link.yanked is None)

    def _fresh(self, wish: CandidateQuery, refused: list[Version]) -> Iterator[Node]:
        seen: set[Version] = set()
        for candidate in self._infos(wish):
            if candidate.version in seen:
                continue
            try:
                node = self._remote(candidate, wish)
            except InvalidMetadata as error:
                # Its other distributions say the same most likely, so the release is left.
                seen.add(candidate.version)
                refused.append(candidate.version)
                text = (
                    f"Ignoring version {candidate.version} of {wish.name} since it has invalid "
                    f"metadata:\n{error.message}\n"
                    "Please use pip<24.1 if you need to use this version."
                )
                self._emit(Said(Level.WARNING, text))
                continue
            if node is not None:
                yield node
                seen.add(candidate.version)

    def _preferred(self, wish: CandidateQuery, present: Node) -> Iterator[Node]:
        yield present
        seen = {present.version}
        for candidate in self._infos(wish):
            if candidate.version in seen:
                continue
            node = self._remote(candidate, wish)
            if node is not None:
                yield node
                seen.add(candidate.version)

    def _inserted(self, wish: CandidateQuery, present: Node) -> Iterator[Node]:
        seen: set[Version] = set()
        for candidate in self._infos(wish):
            if candidate.version in seen:
                continue
            if present.version >= candidate.version:
                # Yielded again before each older release, as pip does: only the first counts.
                yield present
                seen.add(present.version)
            node = self._remote(candidate, wish)
            if node is not None:
                yield node
                seen.add(candidate.version)
        if present.version not in seen:
            yield present

    def with_extras(
        self, base_needs: Iterable[Dependency], extras: frozenset[NormalizedName]
    ) -> list[ExtrasCandidate]:
        """The nodes with `extras` of the candidates that the project itself is bound to."""
        return [
            self._pool.with_extras(need.node, extras, need.node.install_req)
            for need in base_needs
            if isinstance(need, ExplicitRequirement)
            and isinstance(need.node, LinkCandidate | InstalledCandidate)
        ]

    def constrained(
        self,
        constraint: Constraint,
        name: NormalizedName,
        extras: frozenset[NormalizedName],
        install_req: InstallRequirement,
    ) -> list[Node] | None:
        """The candidates of a constraint's direct links, None if one of them does not run here."""
        nodes: list[Node] = []
        for link in constraint.links:
            try:
                candidate = self._index.direct(link, name)
            except InstallationError:
                return None
            base = self._pool.remote(candidate, replace(install_req, link=link))
            if base is not None:
                nodes.append(self._pool.with_extras(base, extras, install_req) if extras else base)
        return nodes


def is_pin(specifier: SpecifierSet) -> bool:
    """Whether `specifier` names one version: ``===``, or ``==`` without a wildcard."""
    return any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
        for clause in specifier
    )


def allows(constraint: Constraint, node: Node) -> bool:
    """Whether a direct candidate is one that the constraint lets through."""
    if constraint.links:
        base = node.base if isinstance(node, ExtrasCandidate) else node
        link = base.distribution.link if isinstance(base, LinkCandidate) else None
        if link is None or any(link.whereabouts != other.whereabouts for other in constraint.links):
            return False
    return constraint.specifier.contains(node.version, prereleases=True)
