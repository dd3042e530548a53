"""The candidates of a resolution, each made once, and what each needs.

Making a remote candidate reads its metadata, so it is done only for a candidate that is looked at.
What is said while doing so ("Collecting …", "Requirement already satisfied: …") is what pip says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from packaging.requirements import InvalidRequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pipfast.errors import Diagnostic, InstallationError, PipfastError
from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution, Sdist, Source, Wheel
from pipfast.model.events import Discarded, Level, Said
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.policy.selection import Existing, SelectionPolicy
from pipfast.requirements.parse_link import parse_link
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    PythonCandidate,
    RequiresPythonRequirement,
    SpecifierRequirement,
    UnsatisfiableRequirement,
    key_of,
)
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.lazy_sequence import LazySequence
from pipfast.resolve.ports import Ports

TRUSTED_UNHASHED = (
    "Since it is already installed, we are trusting this package without checking its hash. "
    "To ensure a completely repeatable environment, install into an empty virtualenv."
)


class InvalidMetadata(InstallationError):
    """A distribution's metadata holds a requirement that does not parse."""


class Unpinned(InstallationError):
    """Hashes are required, and a requirement leaves the version open."""

    def __init__(self, requirement: str) -> None:
        super().__init__(
            "In --require-hashes mode, all requirements must have their versions pinned with ==. "
            f"These do not:\n    {requirement}"
        )


class InvalidInstalled(Diagnostic):
    """An installed distribution's metadata cannot take part in a resolution."""

    def __init__(self, installed: Installed, cause: Exception, where: str) -> None:
        kind = "version" if isinstance(cause, InvalidVersion) else "requirement"
        super().__init__(
            "invalid-installed-package",
            f"Cannot process installed package {installed.raw_name} {installed.version} in "
            f"{where!r} because it has an invalid {kind}:\n{cause}",
            context=f"Starting with pip 24.1, packages with invalid {kind}s can not be processed.",
            advice="To proceed this package must be uninstalled.",
        )
        self.installed = installed


class Pool:
    """Candidates by link, by project and by extras; needs by candidate.

    `tried` is the distribution whose metadata was asked for last.
    """

    def __init__(self, ports: Ports, policy: SelectionPolicy) -> None:
        self._ports = ports
        self._policy = policy
        self._python = PythonCandidate(ports.python)
        self._remote: dict[tuple[str, str], LinkCandidate | None] = {}
        self._present: dict[NormalizedName, InstalledCandidate] = {}
        self._extras: dict[tuple[int, frozenset[NormalizedName]], ExtrasCandidate] = {}
        self._needs: dict[int, LazySequence[Dependency] | tuple[Dependency, ...]] = {}
        self._said_last = ""
        self.tried: Distribution | None = None

    @property
    def python(self) -> PythonCandidate:
        """The interpreter's own node."""
        return self._python

    # Candidates

    def present(
        self, project: NormalizedName, specifier: SpecifierSet, install_req: InstallRequirement
    ) -> InstalledCandidate | None:
        """The installed distribution, if it may stay and fits `specifier`.

        Raises InvalidInstalled when its version cannot be read.
        """
        if self._policy.existing is not Existing.KEEP:
            return None
        installed = self._ports.installed.get(project)
        if installed is None:
            return None
        try:
            version = Version(installed.version)
        except InvalidVersion as error:
            where = self._ports.installed.shown(installed)
            raise InvalidInstalled(installed, error, where) from None
        if not specifier.contains(version, prereleases=True):
            return None
        if project not in self._present:
            self._present[project] = self._make_present(installed, version, install_req)
        return self._present[project]

    def _make_present(
        self, installed: Installed, version: Version, install_req: InstallRequirement
    ) -> InstalledCandidate:
        install_req = install_req.for_node()
        where = self._ports.installed.shown(installed)
        above = f" (from {install_req.above()})" if install_req.above() else ""
        text = str(install_req.requirement) if install_req.requirement else installed.raw_name
        self._say(f"Requirement already satisfied: {text} in {where}{above} ({installed.version})")
        if self._policy.require_hashes:
            self._say(f"  {TRUSTED_UNHASHED}", Level.DEBUG)
        metadata = self._ports.installed.metadata(installed)
        return InstalledCandidate(installed, metadata, install_req, installed.name, version)

    def remote(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> LinkCandidate | None:
        """The candidate of a link, None where its metadata is not of what the link says.

        It is also None for a source of a project that none shall be taken of.

        Raises InvalidMetadata and Unpinned.
        """
        link = distribution.link
        if isinstance(distribution, Sdist) and distribution.name in self._policy.without_sources:
            return None
        key = (link.url, f"-e {link.fragment}" if install_req.editable else link.fragment)
        if key not in self._remote:
            self._remote[key] = self._make_remote(distribution, install_req)
        return self._remote[key]

    def _make_remote(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> LinkCandidate | None:
        link = distribution.link
        expected: Version | None = None
        if install_req.link is None and not isinstance(distribution, Source):
            expected = distribution.version
        install_req = (
            install_req.for_node() if expected is None else install_req.for_node().pinned(expected)
        )
        self._header(distribution, install_req)
        text = install_req.described(link)
        if self._policy.require_hashes and expected is not None and not install_req.is_pinned:
            raise Unpinned(text)
        self.tried = distribution
        metadata = self._ports.metadata.of(
            distribution, install_req, self._digests(distribution, install_req)
        )
        name = distribution.name or metadata.canonical_name
        if expected is not None:
            expected = self._expected(metadata, expected)
        foreign = self._foreign(metadata, link, install_req)
        problem = foreign or _inconsistency(metadata, name, expected)
        if problem is not None:
            of_source = foreign is None and not isinstance(distribution, Wheel)
            if of_source and metadata.canonical_name != name:
                text = install_req.renamed(metadata.canonical_name).described(link)
            self._say(f"Discarding {link.described()}: Requested {text} has inconsistent {problem}")
            return None
        try:
            list(metadata.dependencies(metadata.provides_extra, self._ports.markers))
        except InvalidRequirement as error:
            raise InvalidMetadata(f"Requested {text} has invalid metadata: {error}") from None
        version = expected if expected is not None else Version(metadata.version)
        return LinkCandidate(distribution, metadata, install_req.named(metadata), name, version)

    def _expected(self, metadata: Metadata, version: Version) -> Version:
        """The version that the metadata may have: under lax rules with a local segment more."""
        if metadata.version == str(version):
            return version
        found = Version(metadata.version)
        if found == version or found.public != str(version):
            return version
        if self._policy.lax_locals:
            return found
        self._ports.emit(Discarded(metadata.canonical_name, str(version), str(found)))
        return version

    def _foreign(
        self, metadata: Metadata, link: Link, install_req: InstallRequirement
    ) -> str | None:
        """Where the file beside it is of another project: pip looks at this by itself."""
        if (
            link.core_metadata is None
            or self._policy.require_hashes
            or install_req.requirement is None
        ):
            return None
        name = install_req.requirement.name
        if canonicalize_name(name) == metadata.canonical_name:
            return None
        return f"Name: expected {name!r}, but metadata has {metadata.name!r}"

    def _digests(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> tuple[Digest, ...]:
        """The digests the file must have, where the user said which."""
        if install_req.link is not None and install_req.user_supplied:
            return (*install_req.digests, *distribution.link.digests)
        return install_req.digests

    def _header(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        link = distribution.link
        if install_req.editable:
            self._say(f"Obtaining {install_req.described(link)}")
            return
        built = self._ports.metadata.built(distribution, install_req)
        if link.is_file and built is None:
            line = f"Processing {self._ports.installed.shown_path(link.path)}"
        else:
            line = f"Collecting {install_req.public or link.redacted}"
        if install_req.above() and install_req.requirement is not None:
            line += f" (from {install_req.above()})"
        if line != self._said_last:
            self._said_last = line
            self._say(line)
        if built is not None:
            self._say(f"  Using cached {built.filename}")

    def direct(self, install_req: InstallRequirement) -> LinkCandidate | None:
        """The candidate of a direct requirement."""
        assert install_req.link is not None, "only a direct requirement has a link"
        url = install_req.link.url
        if ":" not in url:
            self._header(Source(link=install_req.link), install_req.for_node())
            raise InstallationError(
                f"Could not install packages due to an OSError: Invalid URL {url!r}: "
                f"No scheme supplied. Perhaps you meant https://{url}?\n"
            )
        requirement = install_req.requirement
        name = canonicalize_name(requirement.name) if requirement else None
        found = self._ports.index.direct(install_req.link, name, editable=install_req.editable)
        return self.remote(found, install_req)

    def expect(self, install_req: InstallRequirement) -> None:
        """Have what is at a direct link prepared, if that will be asked for."""
        if (
            install_req.link is not None
            and ":" in install_req.link.url
            and self._applies(install_req)
        ):
            name = (
                canonicalize_name(install_req.requirement.name) if install_req.requirement else None
            )
            try:
                found = self._ports.index.direct(
                    install_req.link, name, editable=install_req.editable
                )
            except PipfastError:
                return  # it is told where it is asked for
            bare = install_req.without_extras() if _extras_of(install_req) else install_req
            self._ports.metadata.begin(found, bare.for_node())

    def _applies(self, install_req: InstallRequirement) -> bool:
        marker = install_req.requirement.marker if install_req.requirement else install_req.marker
        return marker is None or marker.evaluate({**self._ports.markers, "extra": ""})

    def with_extras(
        self,
        base: LinkCandidate | InstalledCandidate,
        extras: Iterable[str],
        install_req: InstallRequirement,
    ) -> ExtrasCandidate:
        """The node of `base` with `extras`; the first who asked is remembered."""
        names = frozenset(canonicalize_name(extra) for extra in extras)
        key = (id(base), names)
        if key not in self._extras:
            self._extras[key] = ExtrasCandidate(base, names, install_req, key_of(base.name, names))
        return self._extras[key]

    # Needs

    def needs_of_user(self, install_req: InstallRequirement) -> tuple[Dependency, ...]:
        """What a requirement of the user's means for the resolution; none if its marker fails."""
        requirement = install_req.requirement
        if not self._applies(install_req):
            name, marker = None, install_req.marker
            if requirement is not None:
                name, marker = requirement.name, requirement.marker
            self._say(f"Ignoring {name}: markers '{marker}' don't match your environment")
            return ()
        return tuple(self._needs_of(install_req))

    def _needs_of(self, install_req: InstallRequirement) -> Iterator[Dependency]:
        requirement = install_req.requirement
        if install_req.link is not None:
            yield from self._direct_needs(install_req)
            return
        assert requirement is not None, "a requirement without a link has a name"
        name = canonicalize_name(requirement.name)
        extras = frozenset(canonicalize_name(extra) for extra in requirement.extras)
        if extras and str(requirement.specifier):
            # The version is told to the project itself, so that the extras' node is not the one
            # to find out which versions are too old.
            plain = install_req.without_extras()
            specifier = requirement.specifier
            yield SpecifierRequirement(plain, name, name, specifier, frozenset(), plain.shown)
        key = key_of(name, extras)
        yield SpecifierRequirement(
            install_req, name, key, requirement.specifier, extras, str(requirement)
        )

    def _direct_needs(self, install_req: InstallRequirement) -> Iterator[Dependency]:
        requirement = install_req.requirement
        extras = _extras_of(install_req)
        node = self.direct(install_req.without_extras() if extras else install_req)
        if node is None:
            if requirement is None:
                raise InstallationError(
                    f"{install_req.described()} does not hold what its name says"
                )
            yield UnsatisfiableRequirement(canonicalize_name(requirement.name))
            return
        yield ExplicitRequirement(node)
        if extras:
            yield ExplicitRequirement(self.with_extras(node, extras, node.install_req))

    def needs(
        self, node: LinkCandidate | InstalledCandidate | ExtrasCandidate | PythonCandidate
    ) -> Iterable[Dependency]:
        """What `node` depends on, Requires-Python first.

        Nothing is looked for that stands behind a need which cannot be met (pip behaviour): a
        direct link is not followed for a distribution that is for another Python.
        """
        known = self._needs.get(id(node))
        if known is None:
            known = self._needs[id(node)] = LazySequence(self._find_needs(node))
        elif isinstance(known, LazySequence) and known.whole is not None:
            known = self._needs[id(node)] = known.whole
        return known

    def _find_needs(
        self, node: LinkCandidate | InstalledCandidate | ExtrasCandidate | PythonCandidate
    ) -> Iterator[Dependency]:
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
                    yield from self._dependencies(metadata, (), install_req)
            case InstalledCandidate(metadata=metadata, install_req=install_req):
                if self._policy.dependencies:
                    try:
                        yield from self._dependencies(metadata, (), install_req)
                    except InvalidRequirement as error:
                        where = self._ports.installed.shown(node.installed)
                        raise InvalidInstalled(node.installed, error, where) from None

    def _of_python(self, metadata: Metadata) -> Iterator[Dependency]:
        if self._policy.ignore_requires_python or not metadata.requires_python:
            return
        specifier = metadata.pythons(self._ports.emit)
        if str(specifier):
            yield RequiresPythonRequirement(specifier, self._python)

    def _of_extras(
        self,
        base: LinkCandidate | InstalledCandidate,
        extras: frozenset[NormalizedName],
        install_req: InstallRequirement,
    ) -> Iterator[Dependency]:
        provided = {canonicalize_name(extra) for extra in base.metadata.provides_extra}
        for extra in sorted(extras - provided):
            self._say(
                f"{base.name} {base.version} does not provide the extra '{extra}'", Level.WARNING
            )
        yield from self._dependencies(base.metadata, tuple(sorted(extras & provided)), install_req)

    def _dependencies(
        self, metadata: Metadata, extras: tuple[str, ...], install_req: InstallRequirement
    ) -> Iterator[Dependency]:
        requirements = list(metadata.dependencies(extras, self._ports.markers))
        self._ports.index.expect(requirements)
        for requirement in requirements:
            link = parse_link(requirement.url) if requirement.url else None
            yield from self._needs_of(InstallRequirement(requirement, install_req, link))

    def _say(self, text: str, level: Level = Level.INFO) -> None:
        self._ports.emit(Said(level, text))


def _extras_of(install_req: InstallRequirement) -> AbstractSet[str]:
    return install_req.requirement.extras if install_req.requirement else install_req.extras


def _inconsistency(metadata: Metadata, name: NormalizedName, version: Version | None) -> str | None:
    """Where `metadata` is not of the project and version that its link promised."""
    if metadata.canonical_name != name:
        return f"name: expected {name!r}, but metadata has {metadata.canonical_name!r}"
    if version is not None and Version(metadata.version) != version:
        found = str(Version(metadata.version))
        return f"version: expected {str(version)!r}, but metadata has {found!r}"
    return None
