"""Compare a noted change with the environment: what undoing it installs and removes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion

from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.requirement import parsed_version


@dataclass(frozen=True, slots=True)
class Reversal:
    """A step for a project: `former` is installed in place of `current`; None for nothing."""

    name: NormalizedName
    former: DistributionState | None
    current: Installed | None


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """A project that is not as a change has left it: `expected` and `found` are versions."""

    name: NormalizedName
    expected: str | None
    found: str | None


def undone(changes: Sequence[Change]) -> dict[int, int]:
    """Return the changes that are undone now, each with the change that undid it.

    `changes` are in order. If the undoing was undone itself, the change counts again.
    """
    found: dict[int, int] = {}
    for change in reversed(changes):
        if change.undoes is not None and change.number not in found:
            found.setdefault(change.undoes, change.number)
    return found


def latest_to_undo(changes: Sequence[Change]) -> Change | None:
    """Return the latest change that is neither undone nor undoes another; None without one."""
    done = undone(changes)
    remaining = [one for one in changes if one.undoes is None and one.number not in done]
    return remaining[-1] if remaining else None


def with_known_files(change: Change, earlier: Sequence[Change]) -> Change:
    """Return a change with the files of what it replaced, as far as `earlier` changes name them."""
    return replace(
        change,
        distributions=tuple(
            replace(one, before=_with_file(one, earlier)) for one in change.distributions
        ),
    )


def _with_file(one: DistributionChange, earlier: Sequence[Change]) -> DistributionState | None:
    before = one.before
    if before is None or before.digest is not None:
        return before
    latest = next(_states_after(one.name, earlier), None)
    if latest is None or not _is_same(latest, before):
        return before
    return replace(before, digest=latest.digest, url=latest.url)


def _states_after(
    name: NormalizedName, earlier: Sequence[Change]
) -> Iterator[DistributionState | None]:
    for change in reversed(earlier):
        yield from (one.after for one in change.distributions if one.name == name)


def reversals(
    change: Change, installed: Mapping[NormalizedName, Installed], left_out: Collection[str]
) -> tuple[tuple[Reversal, ...], tuple[ChangedSince, ...]]:
    """Return what undoing `change` does, and the projects for which it cannot be undone.

    Projects in `left_out` stay as they are, and so do those that are as before the change already.
    """
    steps: list[Reversal] = []
    changed: list[ChangedSince] = []
    for one in change.distributions:
        if one.name in left_out or (one.before and one.after and _is_equal(one.before, one.after)):
            continue
        current = installed.get(one.name)
        if _is_installed(one.after, current):
            steps.append(Reversal(one.name, one.before, current))
        elif not _is_installed(one.before, current):
            expected = one.after.version if one.after else None
            found = current.version if current else None
            changed.append(ChangedSince(one.name, expected, found))
    return tuple(steps), tuple(changed)


def _is_equal(one: DistributionState, other: DistributionState) -> bool:
    """Return whether nothing has changed as far as is known."""
    are_known = one.digest is not None and other.digest is not None
    return _is_same(one, other) and (not are_known or one.digest == other.digest)


def _is_same(one: DistributionState, other: DistributionState) -> bool:
    direct = (one.direct_url is None) == (other.direct_url is None)
    return direct and _is_version(one.version, other.version)


def _is_installed(state: DistributionState | None, current: Installed | None) -> bool:
    if state is None or current is None:
        return state is None and current is None
    direct = (state.direct_url is None) == (current.direct_url is None)
    return direct and _is_version(state.version, current.version)


def _is_version(one: str, other: str) -> bool:
    try:
        return parsed_version(one) == parsed_version(other)
    except InvalidVersion:
        return one == other
