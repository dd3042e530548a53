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

MIN_REJECTED = 3
"""Number of newer releases that have to be rejected before a choice is explained."""

MAX_AGE_DIFFERENCE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class _Rejection:
    uploaded: datetime | None
    causes: tuple[Cause, ...]


class ResolutionHistory:
    """The releases that were rejected because of conflicts, with the requirements that conflict.

    `constraints` are those of the resolution.
    """

    def __init__(self, constraints: Mapping[NormalizedName, Constraint]) -> None:
        self._constraints = constraints
        self._rejected: dict[NormalizedName, dict[Version, _Rejection]] = {}
        self._pinned: dict[NormalizedName, tuple[Node, int]] = {}
        self._causes: tuple[Cause, ...] = ()
        self._conflicts = 0

    def reject(self, node: Node, causes: Iterable[Cause]) -> None:
        """Record that `node` cannot be pinned."""
        rejection = _Rejection(_upload_time(_distribution(node)), tuple(causes))
        self._rejected.setdefault(node.name, {})[node.version] = rejection

    def conflict(self, causes: Iterable[Cause]) -> None:
        """Record a conflict for which the resolver backtracks."""
        self._causes = tuple(causes)
        self._conflicts += 1

    def pin(self, node: Node) -> None:
        """Record a pin; if the project had a newer one, the last conflict led to its rejection."""
        before, conflicts = self._pinned.get(node.name, (node, self._conflicts))
        if before.version > node.version and conflicts != self._conflicts:
            self.reject(before, self._causes)
        self._pinned[node.name] = (node, self._conflicts)

    def backtracked_to(self, failed: Distribution | None) -> TypeGuard[Sdist]:
        """Return whether `failed` is an sdist that was tried after newer releases."""
        if not isinstance(failed, Sdist):
            return False
        before = set(self._rejected.get(failed.name, {}))
        if failed.name in self._pinned:
            before.add(self._pinned[failed.name][0].version)
        return any(version > failed.version for version in before)

    def explain_choice(self, node: LinkCandidate) -> OldRelease | None:
        """Return why a chosen release is much older than expected; None if it is not."""
        return self._explain(node.name, node.version, _upload_time(node.distribution))

    def explain_failure(self, failed: Distribution | None) -> OldRelease | None:
        """Return why the distribution that failed was tried at all; None if it is a recent one."""
        if failed is None or isinstance(failed, Source):
            return None
        return self._explain(failed.name, failed.version, _upload_time(failed))

    def conflict_of(
        self, name: NormalizedName, version: Version
    ) -> tuple[tuple[Opponent, ...], tuple[Opponent, ...]] | None:
        """Return what a rejected release requires, directly or not, and what contradicts it.

        None if the release was not rejected because of a conflict.
        """
        rejection = self._rejected.get(name, {}).get(version)
        return None if rejection is None else self._sides(name, rejection.causes)

    def _explain(
        self, name: NormalizedName, version: Version, uploaded: datetime | None
    ) -> OldRelease | None:
        rejected = self._rejected.get(name, {})
        newer = [one for one in rejected if one > version and not one.is_prerelease]
        if len(newer) < MIN_REJECTED:
            return None
        newest = max(newer)
        if not _is_much_older(version, newest, uploaded, rejected[newest].uploaded):
            return None
        own, others = self._sides(name, rejected[newest].causes)
        if not own:
            return None
        return OldRelease(name, str(version), str(newest), own, others)

    def _sides(
        self, name: NormalizedName, causes: Sequence[Cause]
    ) -> tuple[tuple[Opponent, ...], tuple[Opponent, ...]]:
        """Return what `name` requires directly or indirectly, and what contradicts it."""
        keys = {one.requirement.key for one in causes if _is_required_by(one.parent, name)}
        own: dict[Opponent, None] = {}
        others: dict[Opponent, None] = {}
        for requirement, parent in causes:
            if requirement.key not in keys:
                continue
            text = requirement.describe()
            if parent is None:
                others[Opponent(text, is_users=True)] = None
            elif not _is_required_by(parent, name):
                others[Opponent(text, f"{parent.key} {parent.version}")] = None
            elif parent.name == name:
                own[Opponent(text)] = None
            else:
                own[Opponent(text, f"{parent.key} {parent.version}")] = None
        for key in keys:
            constraint = self._constraints.get(NormalizedName(key.partition("[")[0]))
            if constraint is not None:
                text = f"{key}{constraint.describe()}"
                others[Opponent(text, is_users=True, is_constraint=True)] = None
        return tuple(own), tuple(others)


def _is_required_by(node: Node | None, name: NormalizedName) -> bool:
    """Return whether `node` is of the project `name` or was required by it, even indirectly."""
    if node is None or not isinstance(node, LinkCandidate | ExtrasCandidate):
        return False
    if node.name == name:
        return True
    parent = node.install_req.comes_from
    while isinstance(parent, InstallRequirement):
        if parent.requirement is not None and canonicalize_name(parent.requirement.name) == name:
            return True
        parent = parent.comes_from
    return False


def _is_much_older(
    old: Version, new: Version, old_upload: datetime | None, new_upload: datetime | None
) -> bool:
    """Return whether a release is of another series than a newer one, or a year older."""
    if (
        old_upload is not None
        and new_upload is not None
        and new_upload - old_upload > MAX_AGE_DIFFERENCE
    ):
        return True
    return _series(old) != _series(new)


def _series(version: Version) -> tuple[int, ...]:
    """Return the epoch and the release up to the first number but 0: 1 for 1.4, 0.9 for 0.9.2."""
    release = version.release
    leading = next((place for place, number in enumerate(release) if number), len(release))
    return version.epoch, *release[: leading + 1]


def _distribution(node: Node) -> Distribution | None:
    base = node.base if isinstance(node, ExtrasCandidate) else node
    return base.distribution if isinstance(base, LinkCandidate) else None


def _upload_time(distribution: Distribution | None) -> datetime | None:
    if distribution is not None and distribution.link.upload_time is not None:
        with suppress(ValueError):
            return upload_moment(distribution.link.upload_time)
    return None
