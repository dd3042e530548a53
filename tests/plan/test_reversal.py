from __future__ import annotations

import pytest

from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.plan.reversal import latest_to_undo, undone, with_known_files


def history(*undoes: int | None) -> list[Change]:
    """Changes numbered from 1; each undoes the given one."""
    return [
        Change(time=0.0, words=(), distributions=(), undoes=one, number=number)
        for number, one in enumerate(undoes, 1)
    ]


@pytest.mark.parametrize(
    ("undoes", "reversed_by", "latest"),
    [
        ((), {}, None),
        ((None, None), {}, 2),
        ((None, None, 2), {2: 3}, 1),
        ((None, None, 2, 1), {2: 3, 1: 4}, None),
        ((None, 1, 2), {2: 3}, 1),
        ((None, 1, 2, 3), {3: 4, 1: 2}, None),
        ((None, 1, 2, 1), {2: 3, 1: 4}, None),
    ],
)
def test_an_undoing_that_was_undone_does_not_count(
    undoes: tuple[int | None, ...], reversed_by: dict[int, int], latest: int | None
) -> None:
    changes = history(*undoes)
    assert undone(changes) == reversed_by
    found = latest_to_undo(changes)
    assert (found and found.number) == latest


def state(version: str, digest: str | None = None, direct: str | None = None) -> DistributionState:
    return DistributionState(name="demo", version=version, digest=digest, direct_url=direct)


def changed(before: DistributionState | None, after: DistributionState | None) -> Change:
    return Change(time=0.0, words=(), distributions=(DistributionChange(before, after),))


@pytest.mark.parametrize(
    ("earlier", "known"),
    [
        ([changed(None, state("1.0", "aa"))], "aa"),
        ([changed(None, state("1", "aa"))], "aa"),
        ([changed(None, state("1.0", "aa")), changed(None, state("2.0", "bb"))], None),
        ([changed(None, state("1.0", "aa")), changed(state("1.0"), None)], None),
        ([changed(None, state("1.0", "aa", "{}"))], None),
        ([], None),
    ],
)
def test_the_file_of_what_was_replaced_is_that_of_the_latest_change(
    earlier: list[Change], known: str | None
) -> None:
    change = with_known_files(changed(state("1.0"), state("3.0", "cc")), earlier)
    [one] = change.distributions
    assert one.before is not None
    assert one.before.digest == known
