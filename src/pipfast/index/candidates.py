"""The candidates of one project, best first, each evaluated when it is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Protocol

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.index.evaluate import CandidateEvaluator, RankedCandidate, RejectedByPython
from pipfast.index.events import FilesCheckedAgainstHashes, NoHashesGiven
from pipfast.index.filenames import version_of
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Refused, Wheel
from pipfast.model.file_row import FileRow
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.selection import SelectionPolicy


class FileSource(Protocol):
    """Files of one project from one place, by version in descending order."""

    @property
    def url(self) -> str:
        """The place."""
        ...

    @property
    def prefix(self) -> str:
        """The prefix that the rows' URLs lack."""
        ...

    @property
    def versions(self) -> Sequence[str]:
        """The versions in descending order."""
        ...

    def rows(self, position: int) -> list[FileRow]:
        """Return the files of a version, in the place's order."""
        ...


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The files of a release: the acceptable ones, best first, and the rejected ones."""

    version: Version
    accepted: tuple[Candidate, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _Merged:
    """Versions in descending order, and the location of each one's files: source and position."""

    order: list[Version]
    places: list[list[tuple[int, int]]]


class Candidates:
    """The files of `project`; `sources` are in pip's order, in which the last one wins ties.

    Files are read and evaluated on demand, and the results are cached. Safe for two threads.
    """

    def __init__(
        self,
        project: NormalizedName,
        sources: Sequence[FileSource],
        evaluator: CandidateEvaluator,
        policy: SelectionPolicy,
    ) -> None:
        self.project = project
        self._sources = [source for source in sources if source.versions]
        self._evaluator = evaluator
        self._policy = policy
        self._groups: dict[int, tuple[RankedCandidate, ...]] = {}
        self._met: dict[int, tuple[Candidate, ...]] = {}
        self._merge_result: _Merged | None = None

    def candidates(
        self, specifier: SpecifierSet, digests: Sequence[Digest] = ()
    ) -> Iterator[Candidate]:
        """Return candidates for `specifier`, best first: pip's applicable candidates, reversed.

        Yanked files are last, even if their version is the highest; the caller decides whether
        to use them. With `digests`, matching files come first; if there is one, files with other
        digests are dropped.
        """
        applicable = (ranked for group in self._applicable(specifier) for ranked in group)
        if digests:
            return iter(self._by_digest([ranked.candidate for ranked in applicable], digests))
        return self._by_class(ranked.candidate for ranked in applicable)

    def check_hashes(
        self, specifier: SpecifierSet, digests: Sequence[Digest]
    ) -> FilesCheckedAgainstHashes | NoHashesGiven:
        """Return how `digests` restrict the candidates, for pip's debug log."""
        files = [ranked.candidate for group in self._applicable(specifier) for ranked in group]
        if not digests:
            return NoHashesGiven(self.project, len(files))
        matching = [one for one in files if not set(digests).isdisjoint(one.link.digests)]
        others = [one for one in files if one not in matching and one.link.digests]
        discarded = [one.link.described() for one in reversed(others)] if matching else []
        return FilesCheckedAgainstHashes(
            project=self.project,
            files=len(files),
            hashes=len(digests),
            matching=len(matching),
            unhashed=sum(not one.link.digests for one in files),
            discarded=tuple(discarded),
        )

    def versions(self) -> tuple[str, ...]:
        """Return versions with an acceptable file that is not yanked, ascending."""
        return self._listed(lambda candidate: candidate.link.yanked is None)

    def yanked(self) -> tuple[str, ...]:
        """Return versions with a yanked file that is otherwise acceptable, ascending."""
        return self._listed(lambda candidate: candidate.link.yanked is not None)

    def releases(self) -> Iterator[ReleaseFiles]:
        """Yield all releases of the project with their files, highest version first."""
        for position, version in self._all_versions():
            accepted = tuple(ranked.candidate for ranked in self._group(position))
            yield ReleaseFiles(version, accepted, self._refused(position))

    def refused(self) -> tuple[Refused, ...]:
        """Yield every rejected file of the project, highest version first."""
        return tuple(
            refused for position, _ in self._all_versions() for refused in self._refused(position)
        )

    def refused_by_python(self) -> tuple[str, ...]:
        """Return the reasons of files that need another Python, sorted, without repetition."""
        return tuple(sorted({r.because for r in self.refused() if isinstance(r, RejectedByPython)}))

    def evaluate_all(self) -> None:
        """Evaluate every file now: ``--uploaded-prior-to`` fails on the first without a time.

        The files are evaluated page by page, because the error names the page. Raises
        InstallationError.
        """
        for source in self._sources:
            for place in range(len(source.versions)):
                for row in source.rows(place):
                    self._evaluator.accepted(row, source.prefix, source.url, self.project)

    def _by_class(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield the best class as it is found, then the others, each in its order."""
        later: dict[tuple[int, int], list[Candidate]] = {}
        for candidate in candidates:
            rank = self._class(candidate)
            if rank == (0, 0):
                yield candidate
            else:
                later.setdefault(rank, []).append(candidate)
        for rank in sorted(later):
            yield from later[rank]

    def _by_digest(self, candidates: list[Candidate], digests: Sequence[Digest]) -> list[Candidate]:
        wanted = set(digests)
        allowed = {id(c) for c in candidates if not wanted.isdisjoint(c.link.digests)}
        if allowed:
            candidates = [c for c in candidates if not c.link.digests or id(c) in allowed]
        return sorted(candidates, key=lambda c: (id(c) not in allowed, *self._class(c)))

    def _class(self, candidate: Candidate) -> tuple[int, int]:
        """Return what has precedence over the version: not yanked, and wheels if preferred."""
        source = self._policy.prefer_binary and not isinstance(candidate, Wheel)
        return (int(candidate.link.yanked is not None), int(source))

    def _applicable(self, specifier: SpecifierSet) -> Iterator[tuple[RankedCandidate, ...]]:
        """Yield the matching versions in descending order, with PEP 440's rule for pre-releases."""
        wanted = self._policy.releases.prereleases(self.project)
        if wanted is None:
            wanted = specifier.prereleases
        literal = "===" in str(specifier)
        waiting: list[int] = []
        any_final = False
        for position, version in self._matching(specifier, literal=literal):
            early = version.is_prerelease and wanted is not True
            if early:
                if wanted is None and not any_final:
                    waiting.append(position)
                continue
            group = self._group_for(position, specifier, literal=literal)
            if group:
                any_final = True
                yield group
        if any_final or wanted is not None:
            return
        for position in waiting:
            yield self._group_for(position, specifier, literal=literal)

    def _matching(self, specifier: SpecifierSet, *, literal: bool) -> Iterator[tuple[int, Version]]:
        if literal:  # compares spellings, because one version may have several
            return self._all_versions()
        return iter(specifier.filter(self._all_versions(), prereleases=True, key=itemgetter(1)))

    def _group_for(
        self, position: int, specifier: SpecifierSet, *, literal: bool
    ) -> tuple[RankedCandidate, ...]:
        group = self._group(position)
        if not literal:
            return group
        return tuple(r for r in group if specifier.contains(r.candidate.version, prereleases=True))

    def _all_versions(self) -> Iterator[tuple[int, Version]]:
        """The versions with their positions, descending; parsed when needed."""
        if len(self._sources) > 1:
            return enumerate(self._merged().order)
        versions = self._sources[0].versions if self._sources else ()
        return ((position, _parsed(text)) for position, text in enumerate(versions))

    def _merged(self) -> _Merged:
        """Merge the versions of several sources into one order, once."""
        if self._merge_result is None:
            places: dict[Version, list[tuple[int, int]]] = {}
            for number, source in enumerate(self._sources):
                for position, text in enumerate(source.versions):
                    places.setdefault(_parsed(text), []).append((number, position))
            order = sorted(places, reverse=True)
            self._merge_result = _Merged(order, [places[version] for version in order])
        return self._merge_result

    def _group(self, position: int) -> tuple[RankedCandidate, ...]:
        """Return the acceptable files of a version, best first.

        The sort is stable and then reversed: among equals the last one wins (pip behaviour).
        """
        known = self._groups.get(position)
        if known is not None:
            return known
        accepted: list[RankedCandidate] = []
        for source, place in self._places(position):
            for row in source.rows(place):
                found = self._evaluator.accepted(row, source.prefix, source.url, self.project)
                if found is not None:
                    accepted.append(found)
        self._met[position] = tuple(ranked.candidate for ranked in accepted)
        accepted.sort(key=lambda ranked: ranked.rank)
        accepted.reverse()
        group = self._groups[position] = tuple(accepted)
        return group

    def _refused(self, position: int) -> tuple[Refused, ...]:
        """Return the rejected files of a version; few runs need to know why."""
        verdicts = (
            self._evaluator.evaluate(row, source.prefix, source.url, self.project)
            for source, place in self._places(position)
            for row in source.rows(place)
        )
        return tuple(verdict for verdict in verdicts if not isinstance(verdict, RankedCandidate))

    def _places(self, position: int) -> Iterator[tuple[FileSource, int]]:
        """Yield the sources of a version, and its position in each."""
        if len(self._sources) == 1:
            yield self._sources[0], position
        else:
            for number, place in self._merged().places[position]:
                yield self._sources[number], place

    def _listed(self, wanted: Callable[[Candidate], bool]) -> tuple[str, ...]:
        found: list[str] = []
        for position, _ in self._all_versions():
            self._group(position)
            first = next(filter(wanted, self._met[position]), None)
            if first is not None:  # for equal versions pip prints the spelling it met first
                found.append(str(first.version))
        return tuple(reversed(found))


def _parsed(text: str) -> Version:
    version = version_of(text)
    if version is None:
        raise ValueError(f"not a version: {text!r}")
    return version
