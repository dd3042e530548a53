"""Which project is decided next. Pure, and the first place to look when pins differ from pip's.

Source: pip 26.3's behaviour (PARITY 4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.resolve.graph import PYTHON, Dependency, ExplicitRequirement, SpecifierRequirement

PROMOTED_AFTER = 5
"""Appearances as an undecided cause of a conflict, after which a project is decided early."""

Preference = tuple[bool, bool, bool, bool, float, bool, str]


@dataclass(slots=True)
class Conflicts:
    """What the resolution has learnt of the projects that keep causing conflicts."""

    counts: Counter[str] = field(default_factory=Counter)
    promoted: set[str] = field(default_factory=set)

    def note(self, key: str) -> None:
        """One more conflict that the undecided `key` had a part in."""
        self.counts[key] += 1
        if self.counts[key] >= PROMOTED_AFTER:
            self.promoted.add(key)


def narrowed(keys: Iterable[str], causes: frozenset[str], promoted: Iterable[str]) -> Iterable[str]:
    """Those of `keys` that are decided before the rest.

    The interpreter alone; else the causes of the conflict at hand; else the promoted; else all.
    """
    keys = list(keys)
    if PYTHON in keys:
        return [PYTHON]
    at_hand = [key for key in keys if key in causes]
    return at_hand or [key for key in keys if key in promoted] or keys


def preference(
    key: str, needs: Iterable[Dependency], order: Mapping[str, int], promoted: Iterable[str]
) -> Preference:
    """The sort key of an undecided project; the least is decided first.

    Promoted, then direct, pinned, bounded from above, in the user's order, with any bound at all,
    by name.
    """
    direct = pinned = bounded = limited = False
    for need in needs:
        if isinstance(need, ExplicitRequirement):
            direct = True
        elif isinstance(need, SpecifierRequirement):
            for clause in need.specifier:
                limited = True
                wild = "*" in clause.version
                pinned = pinned or (clause.operator.startswith("==") and not wild)
                bounded = bounded or _bounds_from_above(clause.operator, wild=wild)
    return (
        key not in promoted,
        not direct,
        not pinned,
        not bounded,
        order.get(key, math.inf),
        not limited,
        key,
    )


def _bounds_from_above(operator: str, *, wild: bool) -> bool:
    return operator in ("<", "<=", "~=") or (operator == "==" and wild)
