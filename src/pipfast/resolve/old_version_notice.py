"""Explain why the resolver chose a release that is much older than the newest one it tried.

pip prints nothing when it goes back through years of releases. pipfast explains it only if several
newer releases of a requested project were rejected and the chosen one is of another series or a
year older.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeGuard

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version
from resolvelib.structs import RequirementInformation

from pipfast.index.evaluate import upload_moment
from pipfast.model.distribution import Distribution, Sdist, Source
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.remedies import OldRelease, Opponent
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.graph import Dependency, ExtrasCandidate, LinkCandidate, Node
from pipfast.resolve.install_requirement import InstallRequirement

Cause = RequirementInformation[Dependency, Node]

FEWEST = 3
"""How many newer releases have to be refused before a word is said."""

LONG_AGO = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class _Refused:
    uploaded: datetime | None
    causes: tuple[Cause, ...]


class ResolutionHistory:
    """The releases that were refused because they could not go with the rest.

    `constraints` are those of the resolution.
    """

    def __init__(self, constraints: Mapping[NormalizedName, Constraint]) -> None:
        self._constraints = constraints
        self._refused: dict[NormalizedName, dict[Version, _Refused]] = {}
        self._pinned: dict[NormalizedName, tuple[Node, int]] = {}
        self._causes: tuple[Cause, ...] = ()
        self._conflicts = 0

    def refuse(self, node: Node, causes: Iterable[Cause]) -> None:
        """Note that `node` cannot be pinned."""
        refused = _Refused(_uploaded(_distribution(node)), tuple(causes))
        self._refused.setdefault(node.name, {})[node.version] = refused

    def conflict(self, causes: Iterable[Cause]) -> None:
        """Note that pins have to be given up."""
        self._causes = tuple(causes)
        self._conflicts += 1

    def pin(self, node: Node) -> None:
        """Note a pin; a greater one before it was given up for the last conflict since then."""
        before, conflicts = self._pinned.get(node.name, (node, self._conflicts))
        if before.version > node.version and conflicts != self._conflicts:
            self.refuse(before, self._causes)
        self._pinned[node.name] = (node, self._conflicts)

    def went_back_to(self, tried: Distribution | None) -> TypeGuard[Sdist]:
        """Whether `tried` is an index's source that newer releases of its project came before."""
        if not isinstance(tried, Sdist):
            return False
        before = set(self._refused.get(tried.name, {}))
        if tried.name in self._pinned:
            before.add(self._pinned[tried.name][0].version)
        return any(one > tried.version for one in before)

    def of_choice(self, node: LinkCandidate) -> OldRelease | None:
        """Return why a chosen release is much older than expected; None if it is not."""
        return self._why(node.name, node.version, _uploaded(node.distribution))

    def of_failure(self, tried: Distribution | None) -> OldRelease | None:
        """Return why the distribution that failed was tried at all; None if it is a recent one."""
        if tried is None or isinstance(tried, Source):
            return None
        return self._why(tried.name, tried.version, _uploaded(tried))

    def _why(
        self, name: NormalizedName, version: Version, uploaded: datetime | None
    ) -> OldRelease | None:
        refused = self._refused.get(name, {})
        newer = [one for one in refused if one > version and not one.is_prerelease]
        if len(newer) < FEWEST:
            return None
        newest = max(newer)
        if not _is_ancient(version, newest, uploaded, refused[newest].uploaded):
            return None
        own, others = self._sides(name, refused[newest].causes)
        if not own:
            return None
        return OldRelease(name, str(version), str(newest), own, others)

    def _sides(
        self, name: NormalizedName, causes: Sequence[Cause]
    ) -> tuple[tuple[Opponent, ...], tuple[Opponent, ...]]:
        """Return what `name` requires, itself or through others, and what contradicts that."""
        keys = {one.requirement.key for one in causes if _is_below(one.parent, name)}
        own: dict[Opponent, None] = {}
        others: dict[Opponent, None] = {}
        for requirement, parent in causes:
            if requirement.key not in keys:
                continue
            text = requirement.told()
            if parent is None:
                others[Opponent(text, is_users=True)] = None
            elif not _is_below(parent, name):
                others[Opponent(text, f"{parent.key} {parent.version}")] = None
            elif parent.name == name:
                own[Opponent(text)] = None
            else:
                own[Opponent(text, f"{parent.key} {parent.version}")] = None
        for key in keys:
            constraint = self._constraints.get(NormalizedName(key.partition("[")[0]))
            if constraint is not None:
                text = f"{key}{constraint.told()}"
                others[Opponent(text, is_users=True, is_constraint=True)] = None
        return tuple(own), tuple(others)


def _is_below(node: Node | None, name: NormalizedName) -> bool:
    """Whether `node` is of the project `name`, or is there because it is."""
    if node is None or not isinstance(node, LinkCandidate | ExtrasCandidate):
        return False
    if node.name == name:
        return True
    above = node.install_req.comes_from
    while isinstance(above, InstallRequirement):
        if above.requirement is not None and canonicalize_name(above.requirement.name) == name:
            return True
        above = above.comes_from
    return False


def _is_ancient(
    old: Version, new: Version, old_upload: datetime | None, new_upload: datetime | None
) -> bool:
    """Whether a release is of another time than a newer one: of another series, or a year older."""
    if old_upload is not None and new_upload is not None and new_upload - old_upload > LONG_AGO:
        return True
    return _series(old) != _series(new)


def _series(version: Version) -> tuple[int, ...]:
    """The epoch and the numbers up to the first that is not 0: 1.4 is of 1, 0.9.2 of 0.9."""
    release = version.release
    leading = next((place for place, number in enumerate(release) if number), len(release))
    return version.epoch, *release[: leading + 1]


def _distribution(node: Node) -> Distribution | None:
    base = node.base if isinstance(node, ExtrasCandidate) else node
    return base.distribution if isinstance(base, LinkCandidate) else None


def _uploaded(distribution: Distribution | None) -> datetime | None:
    if distribution is not None and distribution.link.upload_time is not None:
        with suppress(ValueError):
            return upload_moment(distribution.link.upload_time)
    return None
