"""Try what a user could change to get a newer release, before `pipfast why` advises it.

The requirements are resolved again with that release, and without the user's specifiers that the
advice names, for a bounded number of releases and a bounded time. Nothing is printed or built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from time import monotonic

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import PipfastError
from pipfast.model import passed_over as because
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.passed_over import Limit, PassedOver, Reason, Trial
from pipfast.model.user_requirement import UserRequirement
from pipfast.report.tree_lines import without_marker
from pipfast.resolve.errors import NoSolution
from pipfast.resolve.events import ConflictExplained
from pipfast.resolve.solve import Resolution
from pipfast.session.conflict_trials import has_specifier, resolved_silently, without_specifier
from pipfast.session.other_indexes import OtherIndexes

_MOST_RELEASES = 6
_TIME_LIMIT = 8.0
"""Seconds after which no further resolution begins; one ends after 10 seconds at most."""


class _OutOfTime(PipfastError):
    """No further resolution may begin."""


def limit_of(one: UserRequirement) -> Limit:
    """Return a requirement of the user's, which has a specifier, as a limit."""
    assert one.requirement is not None, "only requirements with a specifier are limits"
    place = str(one.origin) if one.origin else ""
    text = without_marker(one.requirement)
    return Limit(requirement=text, place=place, is_constraint=one.constraint)


def with_trials(
    releases: Iterable[PassedOver], project: NormalizedName, search: OtherIndexes
) -> Iterator[PassedOver]:
    """Yield the releases; of consecutive ones with the same reasons, the first has its trial.

    A release has none if a reason is not about requirements, or if there are too many.
    """
    trials = _Trials(project, search, monotonic() + _TIME_LIMIT)
    before: tuple[Reason, ...] | None = None
    left = _MOST_RELEASES
    for release in releases:
        if release.reasons != before and left and _is_about_requirements(release, search):
            left -= 1
            yield replace(release, trial=trials.of(release))
        else:
            yield release
        before = release.reasons


def _is_about_requirements(release: PassedOver, search: OtherIndexes) -> bool:
    if search.collected.selection.require_hashes:
        return False
    for reason in release.reasons:
        match reason:
            case because.ExcludedBy() | because.Conflict() | because.Yanked():
                pass
            case because.Abandoned() | because.Prerelease(by_option=False):
                pass
            case _:
                return False
    return True


@dataclass(frozen=True, slots=True)
class _Trials:
    """Tries releases of a project until a moment of the monotonic clock."""

    project: NormalizedName
    search: OtherIndexes
    until: float

    def of(self, release: PassedOver) -> Trial | None:
        """Return what following the advice on a release leads to; None if that is not known."""
        named = _named(release.reasons, self.project, self.search.collected.wanted)
        try:
            return self._tried(release, named)
        except PipfastError:
            return None  # only a build or more time could tell

    def _tried(self, release: PassedOver, named: Sequence[UserRequirement]) -> Trial:
        """Loosen what the reasons name, then what is in the conflict, then everything."""
        every = [one for one in self.search.collected.wanted if has_specifier(one)]
        loose = list(named)
        answer = self._attempt(release, loose)
        if isinstance(answer, NoSolution):
            loose += [one for one in _in_conflict(answer, every) if not _is_among(one, loose)]
            answer = self._attempt(release, loose)
        if isinstance(answer, NoSolution):
            loose = every
            answer = self._attempt(release, loose)
        if isinstance(answer, NoSolution):
            return _failed(answer)
        also, answer = self._fewest(release, named, loose, answer)
        return because.Resolves(
            also=tuple(map(limit_of, also)), instead=tuple(_replaced(release.reasons, answer))
        )

    def _attempt(
        self, release: PassedOver, loose: Sequence[UserRequirement]
    ) -> Resolution | NoSolution:
        try:
            return self._resolution(release, loose)
        except NoSolution as failure:
            return failure

    def _resolution(self, release: PassedOver, loose: Sequence[UserRequirement]) -> Resolution:
        """Return the resolution with `release` and without the specifiers of `loose`.

        Raises PipfastError.
        """
        if monotonic() > self.until:
            raise _OutOfTime
        pin = f"{self.project}=={release.version}"
        wanted = [
            without_specifier(one) if _is_among(one, loose) else one
            for one in self.search.collected.wanted
        ]
        wanted.append(UserRequirement(text=pin, requirement=Requirement(pin)))
        return resolved_silently(wanted, self.search)

    def _fewest(
        self,
        release: PassedOver,
        named: Sequence[UserRequirement],
        loose: Sequence[UserRequirement],
        answer: Resolution,
    ) -> tuple[Sequence[UserRequirement], Resolution]:
        """Return which of `loose` are needed beside `named`, with the resolution without them."""
        needed = [one for one in loose if not _is_among(one, named)]
        for one in tuple(needed):
            fewer = [each for each in needed if each is not one]
            with suppress(PipfastError):
                answer = self._resolution(release, [*named, *fewer])
                needed = fewer
        return needed, answer


def _is_among(one: UserRequirement, others: Iterable[UserRequirement]) -> bool:
    return any(one is each for each in others)


def _named(
    reasons: Iterable[Reason], project: NormalizedName, wanted: Sequence[UserRequirement]
) -> list[UserRequirement]:
    """Return the user's requirements that the advice on `reasons` names."""
    limits: list[tuple[NormalizedName, SpecifierSet, bool]] = []
    for reason in reasons:
        match reason:
            case because.ExcludedBy(limits=found) | because.Conflict(others=found):
                for limit in found:
                    if not limit.dependent and (parsed := _parsed(limit.requirement)) is not None:
                        name = canonicalize_name(parsed.name)
                        limits.append((name, parsed.specifier, limit.is_constraint))
            case _:
                pass
    return [
        one
        for one in wanted
        if has_specifier(one)
        and one.requirement is not None
        and (one.name or project, one.requirement.specifier, one.constraint) in limits
    ]


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _in_conflict(
    failure: NoSolution, every: Iterable[UserRequirement]
) -> Iterator[UserRequirement]:
    """Yield those requirements of the user's that are on a project of the conflict."""
    dependents = (one.dependent.rpartition(" ")[0] for one in _causes(failure))
    names = {*failure.projects, *map(canonicalize_name, dependents)}
    yield from (one for one in every if one.name in names)


def _failed(failure: NoSolution) -> Trial:
    missing = failure.missing
    if missing is not None:
        return because.Fails(missing=f"{missing.name}{missing.specifier}")
    return because.Fails(causes=tuple(one for one in _causes(failure) if one.dependent))


def _causes(failure: NoSolution) -> Iterator[Limit]:
    """Yield the requirements that are in conflict."""
    for each in failure.details:
        if isinstance(each, ConflictExplained):
            for one in each.causes:
                yield Limit(requirement=one.requirement, dependent=one.dependent or "")


def _replaced(reasons: Iterable[Reason], answer: Resolution) -> Iterator[tuple[str, str]]:
    """Yield each dependent of the reasons with its version in `answer`, if that is another."""
    versions = {pin.name: str(pin.node.version) for pin in answer.pins}
    for reason in reasons:
        if not isinstance(reason, because.ExcludedBy | because.Conflict):
            continue
        for limit in reason.limits if isinstance(reason, because.ExcludedBy) else reason.others:
            name, _, version = limit.dependent.rpartition(" ")
            now = versions.get(canonicalize_name(name), "")
            if name and now != version:
                yield limit.dependent, f"{name} {now}" if now else ""
