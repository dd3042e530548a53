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
from pipfast.requirements.parse import link_to
from pipfast.resolve.graph import (
    Ask,
    Exactly,
    Impossible,
    Need,
    Present,
    Python,
    PythonFits,
    Remote,
    Specified,
    WithExtras,
    key_of,
)
from pipfast.resolve.lazy_sequence import Gradual
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
        self._python = Python(ports.python)
        self._remote: dict[tuple[str, str], Remote | None] = {}
        self._present: dict[NormalizedName, Present] = {}
        self._extras: dict[tuple[int, frozenset[NormalizedName]], WithExtras] = {}
        self._needs: dict[int, Gradual[Need] | tuple[Need, ...]] = {}
        self._said_last = ""
        self.tried: Distribution | None = None

    @property
    def python(self) -> Python:
        """The interpreter's own node."""
        return self._python

    # Candidates

    def present(self, project: NormalizedName, specifier: SpecifierSet, ask: Ask) -> Present | None:
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
            self._present[project] = self._make_present(installed, version, ask)
        return self._present[project]

    def _make_present(self, installed: Installed, version: Version, ask: Ask) -> Present:
        ask = ask.for_node()
        where = self._ports.installed.shown(installed)
        above = f" (from {ask.above()})" if ask.above() else ""
        text = str(ask.requirement) if ask.requirement else installed.raw_name
        self._say(f"Requirement already satisfied: {text} in {where}{above} ({installed.version})")
        if self._policy.require_hashes:
            self._say(f"  {TRUSTED_UNHASHED}", Level.DEBUG)
        metadata = self._ports.installed.metadata(installed)
        return Present(installed, metadata, ask, installed.name, version)

    def remote(self, distribution: Distribution, ask: Ask) -> Remote | None:
        """The candidate of a link, None where its metadata is not of what the link says.

        It is also None for a source of a project that none shall be taken of.

        Raises InvalidMetadata and Unpinned.
        """
        link = distribution.link
        if isinstance(distribution, Sdist) and distribution.name in self._policy.without_sources:
            return None
        key = (link.url, f"-e {link.fragment}" if ask.editable else link.fragment)
        if key not in self._remote:
            self._remote[key] = self._make_remote(distribution, ask)
        return self._remote[key]

    def _make_remote(self, distribution: Distribution, ask: Ask) -> Remote | None:
        link = distribution.link
        expected: Version | None = None
        if ask.link is None and not isinstance(distribution, Source):
            expected = distribution.version
        ask = ask.for_node() if expected is None else ask.for_node().pinned(expected)
        self._header(distribution, ask)
        text = ask.described(link)
        if self._policy.require_hashes and expected is not None and not ask.is_pinned:
            raise Unpinned(text)
        self.tried = distribution
        metadata = self._ports.metadata.of(distribution, ask, self._digests(distribution, ask))
        name = distribution.name or metadata.canonical_name
        if expected is not None:
            expected = self._expected(metadata, expected)
        foreign = self._foreign(metadata, link, ask)
        problem = foreign or _inconsistency(metadata, name, expected)
        if problem is not None:
            of_source = foreign is None and not isinstance(distribution, Wheel)
            if of_source and metadata.canonical_name != name:
                text = ask.renamed(metadata.canonical_name).described(link)
            self._say(f"Discarding {link.described()}: Requested {text} has inconsistent {problem}")
            return None
        try:
            list(metadata.dependencies(metadata.provides_extra, self._ports.markers))
        except InvalidRequirement as error:
            raise InvalidMetadata(f"Requested {text} has invalid metadata: {error}") from None
        version = expected if expected is not None else Version(metadata.version)
        return Remote(distribution, metadata, ask.named(metadata), name, version)

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

    def _foreign(self, metadata: Metadata, link: Link, ask: Ask) -> str | None:
        """Where the file beside it is of another project: pip looks at this by itself."""
        if link.core_metadata is None or self._policy.require_hashes or ask.requirement is None:
            return None
        name = ask.requirement.name
        if canonicalize_name(name) == metadata.canonical_name:
            return None
        return f"Name: expected {name!r}, but metadata has {metadata.name!r}"

    def _digests(self, distribution: Distribution, ask: Ask) -> tuple[Digest, ...]:
        """The digests the file must have, where the user said which."""
        if ask.link is not None and ask.requested:
            return (*ask.digests, *distribution.link.digests)
        return ask.digests

    def _header(self, distribution: Distribution, ask: Ask) -> None:
        link = distribution.link
        if ask.editable:
            self._say(f"Obtaining {ask.described(link)}")
            return
        built = self._ports.metadata.built(distribution, ask)
        if link.is_file and built is None:
            line = f"Processing {self._ports.installed.shown_path(link.path)}"
        else:
            line = f"Collecting {ask.public or link.redacted}"
        if ask.above() and ask.requirement is not None:
            line += f" (from {ask.above()})"
        if line != self._said_last:
            self._said_last = line
            self._say(line)
        if built is not None:
            self._say(f"  Using cached {built.filename}")

    def direct(self, ask: Ask) -> Remote | None:
        """The candidate of a direct requirement."""
        assert ask.link is not None, "only a direct requirement has a link"
        url = ask.link.url
        if ":" not in url:
            self._header(Source(link=ask.link), ask.for_node())
            raise InstallationError(
                f"Could not install packages due to an OSError: Invalid URL {url!r}: "
                f"No scheme supplied. Perhaps you meant https://{url}?\n"
            )
        requirement = ask.requirement
        name = canonicalize_name(requirement.name) if requirement else None
        found = self._ports.index.direct(ask.link, name, editable=ask.editable)
        return self.remote(found, ask)

    def expect(self, ask: Ask) -> None:
        """Have what is at a direct link prepared, if that will be asked for."""
        if ask.link is not None and ":" in ask.link.url and self._applies(ask):
            name = canonicalize_name(ask.requirement.name) if ask.requirement else None
            try:
                found = self._ports.index.direct(ask.link, name, editable=ask.editable)
            except PipfastError:
                return  # it is told where it is asked for
            bare = ask.without_extras() if _extras_of(ask) else ask
            self._ports.metadata.begin(found, bare.for_node())

    def _applies(self, ask: Ask) -> bool:
        marker = ask.requirement.marker if ask.requirement else ask.marker
        return marker is None or marker.evaluate({**self._ports.markers, "extra": ""})

    def with_extras(self, base: Remote | Present, extras: Iterable[str], ask: Ask) -> WithExtras:
        """The node of `base` with `extras`; the first who asked is remembered."""
        names = frozenset(canonicalize_name(extra) for extra in extras)
        key = (id(base), names)
        if key not in self._extras:
            self._extras[key] = WithExtras(base, names, ask, key_of(base.name, names))
        return self._extras[key]

    # Needs

    def needs_of_user(self, ask: Ask) -> tuple[Need, ...]:
        """What a requirement of the user's means for the resolution; none if its marker fails."""
        requirement = ask.requirement
        if not self._applies(ask):
            name, marker = None, ask.marker
            if requirement is not None:
                name, marker = requirement.name, requirement.marker
            self._say(f"Ignoring {name}: markers '{marker}' don't match your environment")
            return ()
        return tuple(self._needs_of(ask))

    def _needs_of(self, ask: Ask) -> Iterator[Need]:
        requirement = ask.requirement
        if ask.link is not None:
            yield from self._direct_needs(ask)
            return
        assert requirement is not None, "a requirement without a link has a name"
        name = canonicalize_name(requirement.name)
        extras = frozenset(canonicalize_name(extra) for extra in requirement.extras)
        if extras and str(requirement.specifier):
            # The version is told to the project itself, so that the extras' node is not the one
            # to find out which versions are too old.
            plain = ask.without_extras()
            specifier = requirement.specifier
            yield Specified(plain, name, name, specifier, frozenset(), plain.shown)
        key = key_of(name, extras)
        yield Specified(ask, name, key, requirement.specifier, extras, str(requirement))

    def _direct_needs(self, ask: Ask) -> Iterator[Need]:
        requirement = ask.requirement
        extras = _extras_of(ask)
        node = self.direct(ask.without_extras() if extras else ask)
        if node is None:
            if requirement is None:
                raise InstallationError(f"{ask.described()} does not hold what its name says")
            yield Impossible(canonicalize_name(requirement.name))
            return
        yield Exactly(node)
        if extras:
            yield Exactly(self.with_extras(node, extras, node.ask))

    def needs(self, node: Remote | Present | WithExtras | Python) -> Iterable[Need]:
        """What `node` depends on, Requires-Python first.

        Nothing is looked for that stands behind a need which cannot be met (pip behaviour): a
        direct link is not followed for a distribution that is for another Python.
        """
        known = self._needs.get(id(node))
        if known is None:
            known = self._needs[id(node)] = Gradual(self._find_needs(node))
        elif isinstance(known, Gradual) and known.whole is not None:
            known = self._needs[id(node)] = known.whole
        return known

    def _find_needs(self, node: Remote | Present | WithExtras | Python) -> Iterator[Need]:
        match node:
            case Python():
                return
            case WithExtras(base, extras, ask):
                yield Exactly(base)
                if self._policy.dependencies:
                    yield from self._of_extras(base, extras, ask)
            case Remote(metadata=metadata, ask=ask):
                yield from self._of_python(metadata)
                if self._policy.dependencies:
                    yield from self._dependencies(metadata, (), ask)
            case Present(metadata=metadata, ask=ask):
                if self._policy.dependencies:
                    try:
                        yield from self._dependencies(metadata, (), ask)
                    except InvalidRequirement as error:
                        where = self._ports.installed.shown(node.installed)
                        raise InvalidInstalled(node.installed, error, where) from None

    def _of_python(self, metadata: Metadata) -> Iterator[Need]:
        if self._policy.ignore_requires_python or not metadata.requires_python:
            return
        specifier = metadata.pythons(self._ports.emit)
        if str(specifier):
            yield PythonFits(specifier, self._python)

    def _of_extras(
        self, base: Remote | Present, extras: frozenset[NormalizedName], ask: Ask
    ) -> Iterator[Need]:
        provided = {canonicalize_name(extra) for extra in base.metadata.provides_extra}
        for extra in sorted(extras - provided):
            self._say(
                f"{base.name} {base.version} does not provide the extra '{extra}'", Level.WARNING
            )
        yield from self._dependencies(base.metadata, tuple(sorted(extras & provided)), ask)

    def _dependencies(
        self, metadata: Metadata, extras: tuple[str, ...], ask: Ask
    ) -> Iterator[Need]:
        requirements = list(metadata.dependencies(extras, self._ports.markers))
        self._ports.index.expect(requirements)
        for requirement in requirements:
            link = link_to(requirement.url) if requirement.url else None
            yield from self._needs_of(Ask(requirement, ask, link))

    def _say(self, text: str, level: Level = Level.INFO) -> None:
        self._ports.emit(Said(level, text))


def _extras_of(ask: Ask) -> AbstractSet[str]:
    return ask.requirement.extras if ask.requirement else ask.extras


def _inconsistency(metadata: Metadata, name: NormalizedName, version: Version | None) -> str | None:
    """Where `metadata` is not of the project and version that its link promised."""
    if metadata.canonical_name != name:
        return f"name: expected {name!r}, but metadata has {metadata.canonical_name!r}"
    if version is not None and Version(metadata.version) != version:
        found = str(Version(metadata.version))
        return f"version: expected {str(version)!r}, but metadata has {found!r}"
    return None
