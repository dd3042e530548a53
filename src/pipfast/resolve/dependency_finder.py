"""Find the dependencies of candidates, and of the user's requirements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.model.events import Event, Message
from pipfast.model.metadata import Metadata
from pipfast.policy.selection import SelectionPolicy
from pipfast.requirements.parse_link import parse_link
from pipfast.resolve.candidate_cache import CandidateCache
from pipfast.resolve.errors import InvalidInstalledDistribution
from pipfast.resolve.events import ExtraNotProvided, RequirementIgnored
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    Node,
    PythonCandidate,
    RequiresPythonRequirement,
    SpecifierRequirement,
    UnsatisfiableRequirement,
    key_of,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.lazy_sequence import LazySequence
from pipfast.resolve.metadata_checks import as_permitted, report_unreadable
from pipfast.resolve.ports import Ports


class DependencyFinder:
    """The dependencies of one resolution; those of each candidate are created once.

    Warnings about a candidate's metadata are emitted whenever its dependencies are iterated, since
    pip reads the metadata again each time.
    """

    def __init__(self, candidates: CandidateCache, ports: Ports, policy: SelectionPolicy) -> None:
        self._candidates = candidates
        self._ports = ports
        self._policy = policy
        self._silent: dict[int, tuple[Dependency, ...]] = {}
        self._found: dict[int, LazySequence[Dependency | Message]] = {}

    def of_user(self, install_req: InstallRequirement) -> tuple[Dependency, ...]:
        """Return the dependencies of a user's requirement; none if its marker does not apply.

        pip drops a marker of the user's as soon as it has applied it, and never prints it again.
        """
        if install_req.applies(self._ports.markers):
            return tuple(self._of_requirement(install_req.without_marker()))
        name, marker = None, install_req.marker
        if install_req.requirement is not None:
            name, marker = install_req.requirement.name, install_req.requirement.marker
        self._ports.emit(RequirementIgnored(name, str(marker)))
        return ()

    def of_candidate(self, node: Node) -> Iterable[Dependency]:
        """Return what a candidate depends on, Requires-Python first.

        The dependencies are found as they are iterated: if the resolver stops at one that cannot
        be satisfied, for example Requires-Python, the direct links behind it are not followed (pip
        behaviour).
        """
        silent = self._silent.get(id(node))
        if silent is not None:
            return silent
        found = self._found.get(id(node))
        if found is None:
            found = self._found[id(node)] = LazySequence(self._find(node))
        elif found.complete is not None:
            dependencies = tuple(each for each in found if not isinstance(each, Message))
            if len(dependencies) == len(found.complete):
                self._silent[id(node)] = dependencies
                return dependencies
        return self._reported(found)

    def _reported(self, found: Iterable[Dependency | Message]) -> Iterator[Dependency]:
        for each in found:
            if isinstance(each, Message):
                self._ports.emit(each)
            else:
                yield each

    def _find(self, node: Node) -> Iterator[Dependency | Message]:
        match node:
            case PythonCandidate():
                return
            case ExtrasCandidate(base, extras, install_req):
                yield ExplicitRequirement(base)
                if self._policy.dependencies:
                    yield from self._of_extras(base, extras, install_req)
            case LinkCandidate(metadata=metadata, install_req=install_req):
                yield from self._of_python(metadata)
                if self._policy.dependencies:
                    yield from self._of_metadata(metadata, (), install_req)
            case InstalledCandidate():
                if self._policy.dependencies:
                    yield from self._of_installed(node)

    def _of_python(self, metadata: Metadata) -> Iterator[Dependency | Message]:
        if not metadata.requires_python:
            return
        events: list[Event] = []
        specifier = metadata.pythons(events.append)
        yield from (each for each in events if isinstance(each, Message))
        if str(specifier) and not self._policy.ignore_requires_python:
            yield RequiresPythonRequirement(specifier, self._candidates.python)

    def _of_installed(self, node: InstalledCandidate) -> Iterator[Dependency]:
        try:
            metadata = as_permitted(node.metadata, self._policy)
            yield from self._of_metadata(metadata, (), node.install_req)
        except InvalidRequirement as error:
            report_unreadable(node.metadata, self._ports.emit)
            raise InvalidInstalledDistribution(node.installed, error) from None

    def _of_extras(
        self,
        base: LinkCandidate | InstalledCandidate,
        extras: frozenset[NormalizedName],
        install_req: InstallRequirement,
    ) -> Iterator[Dependency | Message]:
        provided = {canonicalize_name(extra) for extra in base.metadata.provides_extra}
        for extra in sorted(extras - provided):
            yield ExtraNotProvided(base.name, str(base.version), extra)
        yield from self._of_metadata(base.metadata, tuple(sorted(extras & provided)), install_req)

    def _of_metadata(
        self, metadata: Metadata, extras: tuple[str, ...], install_req: InstallRequirement
    ) -> Iterator[Dependency]:
        requirements = list(metadata.dependencies(extras, self._ports.markers))
        self._ports.index.prefetch(requirements)
        for requirement in requirements:
            link = parse_link(requirement.url) if requirement.url else None
            yield from self._of_requirement(InstallRequirement(requirement, install_req, link))

    def _of_requirement(self, install_req: InstallRequirement) -> Iterator[Dependency]:
        requirement = install_req.requirement
        if install_req.link is not None:
            yield from self._of_direct(install_req)
            return
        assert requirement is not None, "a requirement without a link has a name"
        name = canonicalize_name(requirement.name)
        extras = frozenset(canonicalize_name(extra) for extra in requirement.extras)
        specifier = requirement.specifier
        if extras and str(specifier):
            # The version is required of the project itself too. Otherwise the resolver would find
            # out only with the extras that a version of it does not match.
            bare = install_req.without_extras()
            yield SpecifierRequirement(bare, name, name, specifier, frozenset(), bare.text)
        key = key_of(name, extras)
        yield SpecifierRequirement(install_req, name, key, specifier, extras, install_req.text)

    def _of_direct(self, install_req: InstallRequirement) -> Iterator[Dependency]:
        extras = install_req.requested_extras
        node = self._candidates.direct(install_req.without_extras() if extras else install_req)
        if node is None:
            requirement = install_req.requirement
            assert requirement is not None, "metadata can contradict a named requirement only"
            yield UnsatisfiableRequirement(canonicalize_name(requirement.name))
            return
        yield ExplicitRequirement(node)
        if extras:
            yield ExplicitRequirement(self._candidates.with_extras(node, extras, node.install_req))
