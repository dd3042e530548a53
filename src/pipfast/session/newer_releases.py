"""Find out why each newer release of a project was passed over in a resolution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import PipfastError
from pipfast.index.candidates import ReleaseFiles
from pipfast.index.evaluate import RejectedByFormat, RejectedByTags, RejectedByTime
from pipfast.index.finder import Finder
from pipfast.model import passed_over as because
from pipfast.model import wheel_name
from pipfast.model.distribution import Candidate, Refused, Wheel
from pipfast.model.events import Message
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import redact
from pipfast.model.passed_over import Limit, PassedOver, Reason
from pipfast.model.remedies import Opponent
from pipfast.model.requirement import parsed_specifier
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.network import IndexStrategy
from pipfast.resolve.events import BrokenSourceSkipped, InconsistentMetadata, InvalidReleaseIgnored
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.session.missing_releases import what_differs


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLimits:
    """All requirements and constraints on a project, each with its specifier."""

    limits: tuple[tuple[SpecifierSet, Limit], ...]

    def excluding(self, version: Version) -> tuple[Limit, ...]:
        """Return those that `version` does not satisfy."""
        return tuple(
            limit
            for specifier, limit in self.limits
            if not specifier.contains(version, prereleases=True)
        )

    @property
    def want_prereleases(self) -> bool:
        """Whether a specifier names a pre-release, which allows them (PEP 440)."""
        return any(specifier.prereleases for specifier, _ in self.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedProject:
    """A project in a resolution, and what is known about the choice of its version.

    `wanted` are the user's requirements and constraints on it. `messages` are those of the whole
    resolution, `history` what it rejected because of conflicts.
    """

    name: NormalizedName
    version: Version
    chosen: Candidate
    wanted: tuple[UserRequirement, ...]
    limits: ProjectLimits
    finder: Finder
    history: ResolutionHistory | None
    messages: Sequence[Message]


def passed_over(project: SolvedProject) -> Iterator[PassedOver]:
    """Yield the releases that are newer than the chosen one, newest first, each with reasons.

    May request the pages of indexes that the resolution did not use. Raises PipfastError.
    """
    found = list(_newer(project.finder.found(project.name).releases(), project.version))
    elsewhere = dict(_elsewhere(project))
    judge = _Judge(project, dict(_faults(project)))
    files = {release.version: release for release in found}
    for version in sorted({*files, *elsewhere}, reverse=True):
        if version in files:
            yield PassedOver(version=str(version), reasons=judge.reasons(files[version]))
        else:
            limits = judge.by_version(version)
            yield PassedOver(version=str(version), reasons=(elsewhere[version], *limits))


def _newer(releases: Iterable[ReleaseFiles], version: Version) -> Iterator[ReleaseFiles]:
    for release in releases:
        if release.version <= version:
            return
        yield release


def _elsewhere(project: SolvedProject) -> Iterator[tuple[Version, Reason]]:
    """Yield newer releases that are only on indexes which are not used."""
    finder = project.finder
    strategy = finder.strategy or finder.client.policy.strategy
    if strategy is not IndexStrategy.FIRST_INDEX:
        return
    try:
        known = {release.version for release in finder.found(project.name).releases()}
        all_indexes = finder.over_every_index()
        releases = list(_newer(all_indexes.found(project.name).releases(), project.version))
    except PipfastError:
        return  # an index that is not used failed
    used = redact(project.chosen.link.page or "")
    for release in releases:
        page = next((one.link.page for one in release.accepted if one.link.page), None)
        if release.version not in known and page is not None:
            yield release.version, because.OnOtherIndex(page=redact(page), used=used)


def _faults(project: SolvedProject) -> Iterator[tuple[Version, Reason]]:
    """Yield the releases whose metadata or source the resolution could not use."""
    for message in project.messages:
        match message:
            case InvalidReleaseIgnored(name, version, error) if name == project.name:
                yield Version(version), because.InvalidRelease(error=error)
            case InconsistentMetadata(link=link):
                version_of_file = _version_in(link, project.name)
                if version_of_file is not None:
                    yield (
                        version_of_file,
                        because.InconsistentRelease(
                            field=message.metadata_field,
                            expected=message.expected,
                            found=message.found,
                        ),
                    )
            case BrokenSourceSkipped(project=name, version=version) if name == project.name:
                yield Version(version), because.BuildFails()
            case _:
                pass


class _Judge:
    """Finds the reasons for each release of a project; `faults` are those that it met."""

    def __init__(self, project: SolvedProject, faults: Mapping[Version, Reason]) -> None:
        self._project = project
        self._faults = faults
        self._selection = project.finder.selection
        self._python = ".".join(map(str, project.finder.python_version))
        self._digests = {digest for one in project.wanted for digest in one.digests}

    def reasons(self, release: ReleaseFiles) -> tuple[Reason, ...]:
        """Return why the release was passed over; at least one reason."""
        if self._project.name in self._selection.locked:
            return (because.Locked(),)
        found = list(self.by_version(release.version))
        if not release.accepted:
            found = [*self._refusals(release.refused), *found]
        found += self._by_files(release)
        return tuple(found) or (self._by_resolver(release.version),)

    def by_version(self, version: Version) -> Iterator[Reason]:
        """Yield the reasons that concern the version itself."""
        limits = self._project.limits.excluding(version)
        if limits:
            yield because.ExcludedBy(limits=limits)
        allowed = self._selection.releases.prereleases(self._project.name)
        if allowed is None and self._project.limits.want_prereleases:
            allowed = True
        if version.is_prerelease and allowed is not True:
            yield because.Prerelease(by_option=allowed is False)

    def _by_files(self, release: ReleaseFiles) -> Iterator[Reason]:
        """Yield the reasons that all files of a release have in common."""
        links = [one.link for one in (*release.accepted, *release.refused)]
        if links and all(link.yanked is not None for link in links):
            yield because.Yanked(why=links[0].yanked or "")
        accepted = release.accepted
        if accepted and self._digests:
            hashed = [one for one in accepted if one.link.digests]
            if hashed and not any(self._digests & set(one.link.digests) for one in hashed):
                yield because.OtherHashes()
        has_wheel = any(isinstance(one, Wheel) for one in accepted)
        is_wheel = isinstance(self._project.chosen, Wheel)
        if accepted and self._selection.prefer_binary and is_wheel and not has_wheel:
            yield because.SourcesOnly()

    def _by_resolver(self, version: Version) -> Reason:
        """Return the reason for a release that all requirements on the project allow."""
        if version in self._faults:
            return self._faults[version]
        history = self._project.history
        conflict = history.conflict_of(self._project.name, version) if history else None
        if conflict is None or not conflict[0]:
            return because.Abandoned()
        own, others = conflict
        return because.Conflict(own=tuple(map(_limit, own)), others=tuple(map(_limit, others)))

    def _refusals(self, files: Sequence[Refused]) -> Iterator[Reason]:
        """Yield why none of `files` may be used."""
        needs = next((text for one in files if (text := self._needed_python(one))), "")
        if needs:
            yield because.NeedsPython(needs=needs, python=self._python)
            return
        by_tags = [one for one in files if isinstance(one, RejectedByTags)]
        if by_tags:
            target = str(self._project.finder.tags[0])
            yield because.OtherPlatforms(tags=what_differs(by_tags), target=target)
        by_format = [one for one in files if isinstance(one, RejectedByFormat)]
        if by_format:
            binary = by_format[0].link.filename.endswith(wheel_name.SUFFIX)
            yield because.FormatNotAllowed(binary=binary)
        by_time = [one for one in files if isinstance(one, RejectedByTime)]
        if by_time:
            yield because.UploadedLater(uploaded=min(one.uploaded for one in by_time))
        if files and not (by_tags or by_format or by_time):
            yield because.UnusableFiles(because=files[0].because)

    def _needed_python(self, refused: Refused) -> str:
        """Return the Python that a file needs if it is another one, else nothing."""
        needs = refused.link.requires_python
        if not needs or self._selection.ignore_requires_python:
            return ""
        try:
            fits = parsed_specifier(needs).contains(self._python, prereleases=True)
        except ValueError:
            return ""
        return "" if fits else needs


def _limit(opponent: Opponent) -> Limit:
    return Limit(
        requirement=opponent.requirement,
        dependent=opponent.origin,
        is_constraint=opponent.is_constraint,
    )


def _version_in(link: str, project: NormalizedName) -> Version | None:
    """Return the version of a wheel of `project` in the text of a link, None for another file."""
    name = link.partition(" (")[0].partition("#")[0].rpartition("/")[2]
    if not name.endswith(wheel_name.SUFFIX):
        return None
    try:
        parsed = wheel_name.parse(name)
    except wheel_name.InvalidWheelName:
        return None
    return parsed.version if parsed.name == project else None
