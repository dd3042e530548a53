"""Why an answer is surprisingly old: what was refused on the way to it, and for whose sake.

pip says nothing where it goes back through years of releases to find one that fits. So little is
said here too: only of a project whose newer releases were refused one after another, and whose
choice is of another time.
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

    def of_choice(self, node: LinkCandidate) -> str | None:
        """What is to be said of a choice; None where it is as new as one expects."""
        why = self._why(node.name, node.version, _uploaded(node.distribution))
        return f"{node.name} {node.version} is chosen, {why}" if why else None

    def of_failure(self, tried: Distribution | None) -> str:
        """Why the distribution that has failed was tried at all; empty where that is plain."""
        if tried is None or isinstance(tried, Source):
            return ""
        why = self._why(tried.name, tried.version, _uploaded(tried))
        return f"{tried.name} {tried.version} was tried, {why}" if why else ""

    def _why(self, name: NormalizedName, version: Version, uploaded: datetime | None) -> str | None:
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
        needs = " and ".join(own)
        text = f"much older than {newest}, which needs {needs}"
        users = [word for word, is_users in others.items() if is_users]
        if not others:
            return f"{text}, and there is none that fits; for a newer one: '{name}>{version}'"
        text += f": that does not go with {' and '.join(others)}"
        if users:
            return f"{text}; for a newer one, loosen that"
        return f"{text}; for a newer one, if there is any: '{name}>{version}'"

    def _sides(
        self, name: NormalizedName, causes: Sequence[Cause]
    ) -> tuple[dict[str, None], dict[str, bool]]:
        """What `name` needs itself or through others, and what it is that is against it.

        For the latter it is told whether the user has said so.
        """
        keys = {one.requirement.key for one in causes if _is_below(one.parent, name)}
        own: dict[str, None] = {}
        others: dict[str, bool] = {}
        for requirement, parent in causes:
            if requirement.key not in keys:
                continue
            if parent is None:
                others[f"{requirement.told()} (which you asked for)"] = True
            elif not _is_below(parent, name):
                others[f"{requirement.told()} (of {parent.key} {parent.version})"] = False
            elif parent.name == name:
                own[requirement.told()] = None
            else:
                own[f"{requirement.told()} (of {parent.key} {parent.version})"] = None
        for key in keys:
            constraint = self._constraints.get(NormalizedName(key.partition("[")[0]))
            if constraint is not None:
                others[f"{key}{constraint.told()} (your constraint)"] = True
        return own, others


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
